"""Malformed cases: each fault is one line with its key, what is wrong and what to do, and never the value."""

from __future__ import annotations

import pytest

from careledger.core.errors import CareLedgerError
from careledger.facts.case import cases_of_text

GOOD = """
id: good
month: "2026-03"
payer: medicare_ffs
biller: dr-a
patient: {born_on: 1948-05-02, conditions: [{icd10: "E11.22", chronic: true}]}
people: [{id: dr-a, kind: physician, group: g1}, {id: rn-1, kind: rn, group: g1}]
time: [{by: rn-1, program: ccm, start: 2026-03-02T10:00, end: 2026-03-02T10:20, activity: call_patient}]
"""


def _faults(text: str) -> str:
    with pytest.raises(CareLedgerError) as caught:
        cases_of_text(text, "case.yaml")
    return str(caught.value)


def test_the_good_case_is_good() -> None:
    (case,) = cases_of_text(GOOD)
    assert case.billers == ("dr-a",)
    assert len(case.records["time_entries"]) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('month: "2026-03"', 'month: "2026-13"', "case.yaml:3: month: this is no month"),
        ('month: "2026-03"', "month: 202603", "month: this is no month"),
        ('month: "2026-03"', "", "month: the service month is missing"),
        ("payer: medicare_ffs", "", "payer: payer is missing"),
        ("payer: medicare_ffs", "payer: [a]", "payer: a list stands where a text is due"),
        ("biller: dr-a", "", "biller: who would bill is missing"),
        ("biller: dr-a", "biller: dr-z", "biller: nobody of this id stands under people"),
        ("biller: dr-a", "biller: []", "biller: who would bill is missing"),
        ("id: good", "id: [1]", "id: a list is no id"),
        ("id: good", "idd: good", "idd: unknown key; did you mean id?"),
        ("id: good", "setting: ofice", "setting: this is not allowed here"),
        ("id: good", "asked: [99490]", "asked[0]: a whole number stands where a code is due; write codes in quotes"),
        ("id: good", "asked: 99490", "asked: a whole number is no list"),
        ("id: good", 'asked: ["9949"]', "asked[0]: this is no such code"),
        ("id: good", "access_24_7: yes", "access_24_7: text stands where true or false is due"),
        ("id: good", "mdm: {dr-a: medium}", "mdm.dr-a: this is no level of decision-making"),
        ("id: good", "mdm: [dr-a]", "mdm: a list stands where a mapping is due"),
        ("id: good", "mdm: {dr-z: low}", "mdm.dr-z: nobody of this id"),
        ("id: good", "consents: {program: ccm}", "consents: a mapping stands where a list is due"),
        ("id: good", "consents: [ccm]", "consents[0]: text stands where a mapping is due"),
        ("id: good", "consents: [{given_on: 2026-01-01}]", "consents[0].program: this key is missing"),
        ("id: good", "consents: [{program: cmm}]", "consents[0].program: this is not allowed here"),
        ("id: good", "consents: [{program: ccm, form: spoken}]", "consents[0].form: this is not allowed here"),
        ("id: good", "consents: [{program: ccm, given_on: 3/2/2026}]", "consents[0].given_on: text stands where a day"),
        ("id: good", "consents: [{program: ccm, given_on: 2026-02-30}]", "consents[0].given_on"),
        (
            "id: good",
            "consents: [{program: ccm, given_on: 2026-02-03, revoked_on: 2026-01-01}]",
            "consents[0].revoked_on: revoked_on is before given_on",
        ),
        ("id: good", "visits: [{practitioner: dr-a}]", "visits[0].on: this key is missing"),
        (
            "id: good",
            "visits: [{practitioner: dr-a, on: 2026-01-01, code: 99214}]",
            "visits[0].code: a whole number stands",
        ),
        ("id: good", "visits: [{practitioner: who, on: 2026-01-01}]", "visits[0].practitioner: nobody of this id"),
        ("id: good", "stays: [{kind: hospital, since: 2026-03-01}]", "stays[0].kind: this is not allowed here"),
        (
            "id: good",
            "stays: [{kind: inpatient, since: 2026-03-04, until: 2026-03-01}]",
            "stays[0].until: until is before since",
        ),
        (
            "id: good",
            "stays: [{kind: inpatient, sinse: 2026-03-04}]",
            "stays[0].sinse: unknown key; did you mean since?",
        ),
        ("id: good", 'agency_episodes: [{kind: hospice, agency_npi: "1234567890"}]', "agency_episodes[0].agency_npi"),
        ("id: good", "agency_episodes: [{kind: hospice, agency_npi: 1234567893}]", "agency_episodes[0].agency_npi"),
        ("id: good", "other_claims: [{code: x, on: 2026-03-01}]", "other_claims[0].code: this is no such code"),
        ("id: good", 'other_claims: [{code: "99490", on: 2026-03-01, units: -1}]', "other_claims[0].units: a negative"),
        ("id: good", 'other_claims: [{code: "99490", on: 2026-03-01, units: 1.5}]', "other_claims[0].units"),
        ("id: good", 'proposed: [{code: "99490", diagnoses: [E1]}]', "proposed[0].diagnoses[0]: this is no such code"),
        ("id: good", "apcm: {able: true}", "apcm.able: unknown key"),
        ("id: good", "behavioral: 3", "behavioral: a whole number stands where a list is due"),
        ("born_on: 1948-05-02", "born_on: 1948-05-02, died_on: 1940-01-01", "died_on: the day of death is before"),
        ("born_on: 1948-05-02", "bornon: 1948-05-02", "patient.bornon: unknown key; did you mean born_on?"),
        ('icd10: "E11.22"', 'icd10: "250.00"', "patient.conditions[0].icd10: this is no such code"),
        ('icd10: "E11.22", ', "", "patient.conditions[0].icd10: this key is missing"),
        ("chronic: true", "chronic: 1", "patient.conditions[0].chronic: a whole number stands where true or false"),
        ("kind: physician", "kind: doctor", "people[0].kind: this is not allowed here"),
        ("id: rn-1, ", "id: dr-a, ", "people[1].id: two people have this id"),
        ("people: [", "people: {a: b}\nx: [", "people: a mapping stands where a list is due"),
        ("by: rn-1", "by: rn-9", "time[0].by: nobody of this id"),
        ("by: rn-1, ", "", "time[0].by: who worked is missing"),
        ("program: ccm", "program: cmm", "time[0].program: no such program"),
        ("program: ccm, ", "", "time[0].program: the program is missing"),
        ("end: 2026-03-02T10:20", "end: 2026-03-02T09:20", "time[0].end: the entry ends before or when it starts"),
        ("end: 2026-03-02T10:20", "end: 2026-03-02T10:00", "time[0].end: the entry ends before or when it starts"),
        ("end: 2026-03-02T10:20", "end: 2026-03-03T16:00", "time[0].end: the entry is 30 hours long"),
        ("end: 2026-03-02T10:20", "end: 2026-03-02", "time[0].end: a date is no time of day"),
        ("end: 2026-03-02T10:20", "end: 2026-13-02T10:20", "time[0].end: this is no day and time"),
        (", end: 2026-03-02T10:20", "", "time[0].end: end is missing"),
        (
            "start: 2026-03-02T10:00, end: 2026-03-02T10:20",
            "minutes: 5",
            "time[0].start: neither start and end nor a day",
        ),
        ("start: 2026-03-02T10:00, end: 2026-03-02T10:20", "on: 2026-03-02, minutes: 0", "minutes are not between"),
        ("start: 2026-03-02T10:00, end: 2026-03-02T10:20", "on: 2026-03-02, minutes: 1800", "minutes are not between"),
        (
            "start: 2026-03-02T10:00, end: 2026-03-02T10:20",
            "on: 2026-03-02, minutes: ten",
            "text is no number of minutes",
        ),
        ("activity: call_patient", "activity: [a]", "time[0].activity: a list stands where a text is due"),
        ("activity: call_patient", "documented: maybe", "time[0].documented: text stands where true or false is due"),
        ("activity: call_patient", "actvity: x", "time[0].actvity: unknown key; did you mean activity?"),
        ("time: [{", "time: [{{", "case.yaml:8"),
        ("id: good", "id: good\nid: again", "case.yaml:3: id: the key stands twice"),
    ],
)
def test_a_fault_is_one_clear_line(old: str, new: str, says: str) -> None:
    assert old in GOOD
    assert says in _faults(GOOD.replace(old, new, 1))


def test_every_fault_is_told_at_once() -> None:
    text = GOOD.replace("kind: rn", "kind: nurse").replace("payer: medicare_ffs", "").replace("10:20", "09:20")
    assert len(_faults(text).splitlines()) >= 3


def test_no_value_of_the_case_is_repeated() -> None:
    text = GOOD.replace("born_on: 1948-05-02", "born_on: SECRETVALUE").replace("kind: rn", "kind: SECRETVALUE")
    assert "SECRETVALUE" not in _faults(text)


@pytest.mark.parametrize("text", ["", "- a", "x", "cases: []", "cases: 3", "cases: [3]", "\x00", "a: &x 1\nb: *x"])
def test_what_is_no_case_is_refused(text: str) -> None:
    assert _faults(text)


def test_one_bad_case_among_many_names_its_place() -> None:
    one = "\n".join("    " + line for line in GOOD.strip().splitlines())
    bad = one.replace("kind: rn", "kind: nurse")
    faults = _faults(f"cases:\n  -\n{one}\n  -\n{bad}\n")
    assert "cases[1].people[1].kind" in faults
    assert "cases[0]" not in faults
