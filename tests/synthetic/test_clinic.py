"""The synthetic clinic: reproducible, plausible, nobody's, and every situation is there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from random import Random

import pytest

from careledger.core.codes import icd10_problem, mbi_problem, npi_problem
from careledger.core.month import Month
from careledger.synthetic import cast
from careledger.synthetic.clinic import ZONE, Clinic, make_clinic
from careledger.synthetic.draw import Draw, rows
from careledger.synthetic.situations import SITUATIONS

OCTOBER = Month(2026, 10)


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return make_clinic(1, OCTOBER)


def test_equal_seeds_give_equal_clinics_and_others_do_not(clinic: Clinic) -> None:
    assert make_clinic(1, OCTOBER) == clinic
    assert make_clinic(2, OCTOBER) != clinic


def test_every_situation_is_told_and_every_telling_is_listed() -> None:
    assert {row["label"] for row in rows("situations")} == set(SITUATIONS)


def test_every_situation_occurs_and_the_designed_ones_as_often_as_designed(clinic: Clinic) -> None:
    counted = Counter(label.situation for label in clinic.labels)
    assert set(counted) == set(SITUATIONS)
    for row in rows("situations"):
        if int(row["count"]):
            assert counted[row["label"]] == int(row["count"]), row["label"]


def test_it_has_the_patients_asked_for() -> None:
    assert len(make_clinic(1, OCTOBER, patients=300).records["patients"]) == 300
    with pytest.raises(ValueError, match="designed situations need"):
        make_clinic(1, OCTOBER, patients=50)


def test_identifiers_are_well_formed_and_of_nobody(clinic: Clinic) -> None:
    bad = next(person for person in clinic.records["people"] if person.person_id == cast.BAD_NPI)
    assert npi_problem(bad.npi) == "the NPI's check digit is wrong"
    parties = [*clinic.records["people"], *clinic.records["practices"]]
    npis = [party.npi for party in parties if party.npi is not None and party is not bad]
    npis += [episode.agency_npi for episode in clinic.records["agency_episodes"] if episode.agency_npi is not None]
    assert len(npis) == len(set(npis)) > 10
    assert all(npi_problem(npi) is None and npi.startswith("2") for npi in npis)
    medicare = [row.member_id for row in clinic.records["coverage"] if row.payer == "medicare_ffs" and row.member_id]
    assert len(medicare) == len(set(medicare)) > 150
    assert all(mbi_problem(member) is None and member.startswith("1EG4TE") for member in medicare)
    assert all(patient.phone.startswith("740555") for patient in clinic.records["patients"])


def test_names_differ(clinic: Clinic) -> None:
    names = [patient.family_name for patient in clinic.records["patients"]]
    assert len(names) == len(set(names))


def test_records_name_each_other(clinic: Clinic) -> None:
    patients = {patient.patient_id for patient in clinic.records["patients"]}
    people = {person.person_id for person in clinic.records["people"]}
    for table, found in clinic.records.items():
        if table not in ("people", "practices"):
            assert {record.patient_id for record in found} <= patients, table
    assert {entry.by for entry in clinic.records["time_entries"]} <= people
    assert all(icd10_problem(condition.icd10) is None for condition in clinic.records["conditions"])


def test_nobody_works_twice_at_once_unless_the_situation_says_so(clinic: Clinic) -> None:
    shared = {label.patient_id for label in clinic.labels if label.situation.startswith("nurse_on_two_patients")}
    by_worker: dict[str, list[tuple[int, int]]] = {}
    for entry in clinic.records["time_entries"]:
        if entry.patient_id not in shared:
            by_worker.setdefault(entry.by, []).append((entry.start_s, entry.end_s))
    for worker, spans in by_worker.items():
        for earlier, later in pairwise(sorted(spans)):
            assert earlier[1] <= later[0], worker
    twice = [entry for entry in clinic.records["time_entries"] if entry.patient_id in shared]
    assert len({entry.patient_id for entry in twice}) == 2
    first, second = sorted(twice, key=lambda entry: entry.start_s)
    assert first.by == second.by
    assert first.start_s < second.start_s < first.end_s


def seconds(clinic: Clinic, situation: str) -> list[int]:
    """Seconds logged in the month for each patient of a situation."""
    first = int(datetime(2026, 10, 1, tzinfo=ZONE).timestamp())
    totals = {label.patient_id: 0 for label in clinic.labels if label.situation == situation}
    for entry in clinic.records["time_entries"]:
        if entry.patient_id in totals and entry.start_s >= first:
            totals[entry.patient_id] += entry.end_s - entry.start_s
    return list(totals.values())


@pytest.mark.parametrize(
    ("situation", "least", "most"),
    [
        ("ready_20_39", 1200, 2399),
        ("ready_40_59", 2400, 3599),
        ("ready_60_plus", 3600, 5100),
        ("complex", 3600, 5399),
        ("complex_add_on", 5400, 7199),
        ("own_time", 1800, 3599),
        ("own_time_add_on", 3600, 5399),
        ("short_by_3", 1020, 1020),
        ("short_by_1_second", 1199, 1199),
        ("home_health_oversight", 1860, 1860),
        ("oversight_short", 1740, 1740),
        ("no_minutes_yet", 0, 0),
    ],
)
def test_minutes_are_what_the_situation_says(clinic: Clinic, situation: str, least: int, most: int) -> None:
    assert all(least <= found <= most for found in seconds(clinic, situation))


def test_months_with_a_clock_change_put_work_into_that_night() -> None:
    def night(month: Month) -> tuple[str, int]:
        made = make_clinic(1, month)
        patient = next(label.patient_id for label in made.labels if label.situation == "clock_change")
        entry = next(entry for entry in made.records["time_entries"] if entry.patient_id == patient)
        start = datetime.fromtimestamp(entry.start_s, ZONE)
        return f"{start:%m-%d}", entry.end_s - entry.start_s

    assert night(Month(2026, 11)) == ("11-01", 1440)
    assert night(Month(2026, 3)) == ("03-08", 1440)
    assert night(OCTOBER) == ("10-25", 1440)


def test_conditions_follow_the_published_prevalence() -> None:
    draw = Draw(Random(5))
    counted = Counter(code for _ in range(10_000) for code in draw.conditions(at_least=0))
    for row in rows("conditions"):
        assert abs(counted[row["icd10"]] / 100 - float(row["percent"])) < 2, row["says"]


def test_late_entries_were_recorded_days_after_the_work(clinic: Clinic) -> None:
    late = {label.patient_id for label in clinic.labels if label.situation == "late_entry"}
    delays = [entry.recorded_s - entry.end_s for entry in clinic.records["time_entries"] if entry.patient_id in late]
    assert min(delays) > 11 * 86400


@pytest.mark.parametrize("patients", [400, 1000])
def test_a_large_clinic_is_drawn_with_more_teams_and_names_drawn_once(patients: int) -> None:
    made = make_clinic(3, OCTOBER, patients)
    people = {one.person_id for one in made.records["people"]}
    assert {entry.by for entry in made.records["time_entries"]} <= people
    assert "rn-kim-2" in people
    names = [one.family_name for one in made.records["patients"]]
    assert len(set(names)) == len(names) == patients


def test_a_small_clinic_has_one_team(clinic: Clinic) -> None:
    assert not [one for one in clinic.records["people"] if one.person_id.endswith("-2")]
