"""The SQL against a deliberately naive reading of the same rules: every second of every entry looked at by itself.

Worlds are drawn from the edges (month borders, midnights, daylight-saving nights, a leap day, equal starts, touching
ends), hundreds of them in one query, because plain random examples miss the mistakes that matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from careledger.core.month import Month, day_start_s
from careledger.core.patient_month import ProgramMonth
from careledger.core.records import (
    CarePlan,
    Condition,
    Consent,
    Coverage,
    Enrolment,
    Panel,
    Patient,
    Person,
    Practice,
    Stay,
    TimeEntry,
)
from careledger.facts import facts_for_case
from careledger.policy import load_policy

ZONE = "America/Chicago"
TZ = ZoneInfo(ZONE)
POLICY = load_policy()
CREW = {"dr": "physician", "np": "np", "rn1": "rn", "rn2": "rn", "ma": "ma", "desk": "clerical"}
ACTIVITIES = ("call_patient", "call_patient", "revise_plan", "voicemail", "a wording nobody knows", None)


@dataclass
class World:
    """One patient with a crew of their own."""

    name: str
    month: Month
    entries: list[TimeEntry] = field(default_factory=list)
    consent: Consent | None = None
    enrolled_on: date | None = None
    died_on: date | None = None
    stays: list[Stay] = field(default_factory=list)

    def records(self) -> dict[str, list[Any]]:
        people = [
            Person(person_id=f"{self.name}.{who}", kind=kind, practice_id=self.name, specialty="family_medicine")
            for who, kind in CREW.items()
        ]
        return {
            "practices": [Practice(practice_id=self.name, time_zone=ZONE)],
            "people": people,
            "patients": [Patient(patient_id=self.name, died_on=self.died_on)],
            "coverage": [Coverage(patient_id=self.name, payer="medicare_ffs", part_b=True)],
            "panel": [
                Panel(
                    patient_id=self.name,
                    biller_id=f"{self.name}.dr",
                    established=True,
                    last_seen_on=self.month.previous().last_on,
                )
            ],
            "conditions": [Condition(patient_id=self.name, icd10="I10", chronic=True)],
            "care_plans": [CarePlan(patient_id=self.name, program="ccm")],
            "consents": [self.consent] if self.consent else [],
            "enrolments": [Enrolment(patient_id=self.name, program="ccm", started_on=self.enrolled_on)]
            if self.enrolled_on
            else [],
            "stays": self.stays,
            "time_entries": self.entries,
        }


def draw(random: Random, month: Month, name: str) -> World:
    """A small world near the edges of the month."""
    world = World(name, month)
    days = [month.first_on + timedelta(days=offset) for offset in (0, 1, 7, 8, month.days - 1, month.days)]
    taken: set[tuple[str, int]] = set()
    for number in range(random.randint(1, 7)):
        who = random.choice(tuple(CREW))
        start = day_start_s(random.choice(days), TZ) + random.choice(
            (-5400, -60, -1, 0, 1, 60, 7200, 36000, 36600, 37200)
        )
        if (who, start) in taken:
            continue
        taken.add((who, start))
        length = random.choice((1, 59, 60, 600, 601, 1199, 1200, 1201, 5400))
        world.entries.append(
            TimeEntry(
                entry_id=f"{name}.{number}", patient_id=name, by=f"{name}.{who}", programs=("ccm",), start_s=start,
                end_s=start + length, activity=random.choice(ACTIVITIES), documented=random.choice((None, None, True, False)),
                part_of_visit=random.choice((None, None, None, True)),
            )
        )  # fmt: skip
    day = random.choice(days)
    given = random.choice((month.previous().first_on, month.previous().first_on, month.first_on, day, month.last_on))
    revoked = random.choice((None, None, None, month.first_on, month.last_on, month.previous().last_on))
    world.consent = Consent(
        patient_id=name, program="ccm", given_on=given, documented=True, practitioner=f"{name}.dr",
        revoked_on=revoked if revoked and revoked >= given else None,
    )  # fmt: skip
    if random.random() < 0.2:
        world.enrolled_on = random.choice(days)
    if random.random() < 0.25:
        world.died_on = random.choice([*days, month.previous().last_on])
    if random.random() < 0.4:
        since = random.choice([*days, month.previous().last_on])
        until = random.choice((None, since, since + timedelta(days=1), since + timedelta(days=7)))
        world.stays.append(
            Stay(
                patient_id=name,
                kind=random.choice(("inpatient", "observation", "snf_part_a")),
                since=since,
                until=until,
            )
        )
    return world


def naive(world: World) -> dict[str, Any]:
    """Clocks and losses, second by second."""
    lo, hi = day_start_s(world.month.first_on, TZ), day_start_s(world.month.next().first_on, TZ)
    held: dict[str, set[int]] = {}
    lost: dict[str, int] = {}
    counted: dict[str, set[int]] = {"staff": set(), "own": set(), "other": set()}
    twice = 0
    everyone: set[int] = set()
    logged = 0
    for entry in sorted(world.entries, key=lambda one: (one.start_s, -(one.end_s or 0))):
        assert entry.start_s is not None
        assert entry.end_s is not None
        who = entry.by.rpartition(".")[2]
        mine = held.setdefault(entry.by, set())
        for second in range(entry.start_s, entry.end_s):
            first = second not in mine
            mine.add(second)
            if not lo <= second < hi:
                continue
            logged += 1
            reason = reason_of(world, entry, who, second) if first else "same_person_twice"
            if reason:
                lost[reason] = lost.get(reason, 0) + 1
                continue
            counted["own" if who == "dr" else "other" if who == "np" else "staff"].add(second)
            if second in everyone:
                twice += 1
            everyone.add(second)
    if twice:
        lost["two_at_once"] = twice
    return {
        "logged_s": logged,
        "staff_s": len(counted["staff"]),
        "own_s": len(counted["own"]),
        "team_s": len(everyone),
        "lost": lost,
    }


def reason_of(world: World, entry: TimeEntry, who: str, second: int) -> str | None:
    """Why a second a person holds does not count, the first reason in the order of precedence."""
    day = next(
        world.month.first_on + timedelta(days=n)
        for n in range(world.month.days)
        if second < day_start_s(world.month.first_on + timedelta(days=n + 1), TZ)
    )
    if who == "desk":
        return "not_clinical"
    if entry.part_of_visit:
        return "part_of_visit"
    if entry.activity == "voicemail":
        return "activity_not_counted"
    if world.died_on is not None and day > world.died_on:
        return "after_death"
    for stay in world.stays:
        ends = stay.until or date.max
        inside = stay.since <= day < ends or (day == stay.since == ends)
        if stay.kind in ("inpatient", "snf_part_a") and inside:
            return "in_facility"
    consent = world.consent
    assert consent is not None
    assert consent.given_on is not None
    if day < consent.given_on:
        return "before_consent"
    if consent.revoked_on is not None and day > consent.revoked_on:  # the conservative reading of a disputed point
        return "after_revocation"
    if world.enrolled_on is not None and day < world.enrolled_on:
        return "before_start"
    if entry.activity not in ("call_patient", "revise_plan"):
        return "activity_unknown"
    return "not_documented" if entry.documented is False else None


def told(program: ProgramMonth) -> dict[str, Any]:
    return {
        "logged_s": program.logged_s,
        "staff_s": program.staff_s,
        "own_s": program.own_s,
        "team_s": program.team_s,
        "lost": {reason: seconds for reason, seconds in program.lost.items() if seconds},
    }


def together(worlds: list[World]) -> dict[str, list[Any]]:
    records: dict[str, list[Any]] = {}
    for world in worlds:
        for table, rows in world.records().items():
            records.setdefault(table, []).extend(rows)
    return records


@pytest.mark.parametrize("month", ["2026-03", "2026-11", "2024-02", "2026-12"])
def test_the_sql_counts_what_a_patient_reader_counts(month: str) -> None:
    random = Random(f"edges {month}")
    worlds = [draw(random, Month.parse(month), f"w{number}") for number in range(250)]
    found = {fact.patient: fact.program("ccm") for fact, _ in facts_for_case(together(worlds), worlds[0].month, POLICY)}
    for world in worlds:
        assert told(found[world.name]) == naive(world), (world.entries, world.consent, world.died_on, world.stays)


def test_nothing_is_lost_between_what_is_logged_and_what_counts() -> None:
    random = Random("balance")
    worlds = [draw(random, Month.parse("2026-03"), f"w{number}") for number in range(200)]
    for fact, _ in facts_for_case(together(worlds), worlds[0].month, POLICY):
        program = fact.program("ccm")
        assert program.logged_s == program.team_s + sum(program.lost.values())


def test_alone_and_in_a_crowd_are_the_same() -> None:
    random = Random("crowd")
    worlds = [draw(random, Month.parse("2026-03"), f"w{number}") for number in range(25)]
    crowd = {fact.patient: fact for fact, _ in facts_for_case(together(worlds), worlds[0].month, POLICY)}
    for world in worlds:
        ((alone, _),) = facts_for_case(world.records(), world.month, POLICY)
        assert alone == crowd[world.name]


def test_one_nurse_on_two_patients_at_once_works_a_minute_once() -> None:
    month = Month.parse("2026-03")
    worlds = [World("a", month), World("b", month)]
    start = day_start_s(date(2026, 3, 4), TZ) + 36000
    for world, begins in zip(worlds, (start, start + 600), strict=True):
        world.consent = Consent(
            patient_id=world.name,
            program="ccm",
            given_on=date(2026, 1, 1),
            documented=True,
            practitioner=f"{world.name}.dr",
        )
        world.entries.append(
            TimeEntry(entry_id=world.name, patient_id=world.name, by="a.rn1", programs=("ccm",), start_s=begins,
                      end_s=begins + 1200, activity="call_patient", documented=True)
        )  # fmt: skip
    records = together(worlds)
    records["people"] = [
        Person(person_id="a.rn1", kind="rn", practice_id="a", works_with=("a.dr", "b.dr"))
        if one.person_id == "a.rn1"
        else one
        for one in records["people"]
    ]
    found = {fact.patient: fact.program("ccm") for fact, _ in facts_for_case(records, month, POLICY)}
    assert (found["a"].staff_s, found["b"].staff_s) == (1200, 600)
    assert found["b"].lost == {"same_person_twice": 600}
