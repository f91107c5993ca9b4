"""Mistakes seeded into the SQL: each must be seen by the worlds drawn from the edges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.facts.test_worlds import differences
from tests.facts.worlds import MONTHS, Records, crowd_of, draw_worlds

from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.facts.dialect import Sqlite
from careledger.facts.program import Step, run, steps
from careledger.facts.rows import read_months
from careledger.policy import Policy, load_policy

MISTAKES = (
    ("the last entry keeps a shared minute", "in_turn", "person_no, start_s, end_s DESC", "person_no, start_s DESC, end_s DESC"),
    ("of equal starts the shorter keeps it", "in_turn", "start_s, end_s DESC", "start_s, end_s"),
    ("a person may work twice at once on two patients", "held", "CAST(person_no AS BIGINT)", "CAST(person_no * 100000 + patient_no AS BIGINT)"),
    ("a person's seconds are held by whoever comes next", "held", "MAX(CAST(person_no AS BIGINT) * $above + end_s)", "MAX(end_s)"),
    ("only the entry just before is looked at", "held", "UNBOUNDED PRECEDING", "0 PRECEDING"),
    ("the team's seconds are those of the patient before", "at_once", "MAX(above + end_s)", "MAX(end_s)"),
    ("a team's pieces are not taken in turn", "shared", "above + start_s", "above + end_s"),
    ("the month's end is not cut", "pieces", "LEAST(h.end_s, b.month_end_s) AS end_s", "h.end_s AS end_s"),
    ("the month's start is not cut", "pieces", "GREATEST(h.start_s, b.month_start_s) AS logged_s", "h.start_s AS logged_s"),
    ("another practice's staff count without integration", "pieces", "COALESCE(c.reason_no, $not_integrated)", "COALESCE(c.reason_no, $counted)"),
    ("oversight by others counts", "crew", "WHEN NOT r.counts_others THEN $not_this_practitioner", ""),
    ("supervision is not looked at", "crew", "WHEN r.names_levels AND v.level IS NULL THEN $no_supervision", ""),
    ("unknown documentation is documentation", "work", "OR (w.documented = 2 AND r.needs_documentation)", ""),
    ("a wording nobody knows counts", "work", "WHEN g.activity IS NULL THEN $activity_unknown", ""),
    ("a stretch is used by two programs", "work", "l.place = 1", "l.place >= 1"),
    ("two at once count twice", "at_once", "LEAST(end_s, team_end_s) - start_s", "0"),
    ("two staff at once count twice", "at_once", "LEAST(end_s, staff_end_s) - start_s", "0"),
    ("the day of discharge is in hospital", "closed_days", "c.day_on < s.until))", "c.day_on <= s.until))"),
    ("the day of admission is not", "closed_days", "OR (c.day_on = s.since AND r.closes_admission)", ""),
    ("the day of death is after death", "closed_days", "c.day_on > b.died_on", "c.day_on >= b.died_on"),
    ("the day of consent is before consent", "closed_days", "o.given_on <= c.day_on AND (o.ended_on", "o.given_on < c.day_on AND (o.ended_on"),
    ("the day of revocation is after it", "closed_days", "o.ended_on >= c.day_on", "o.ended_on > c.day_on"),
    ("days are not parted at midnight", "day_pieces", "LEAST(p.end_s, c.end_s)", "p.end_s"),
    ("another practitioner's consent will do", "consent_rows", "COALESCE(c.practitioner = b.biller_id, TRUE)", "TRUE"),
    ("minutes before the opening visit count", "closed_days", "c.day_on < s.enrolled_on OR c.day_on < i.opened_on", "c.day_on < s.enrolled_on"),
    ("the look-back is a day longer", "opened", "v.day_no >= t.start_no - r.initiating_months * 31\n      AND (v.on_day", "v.day_no >= t.start_no - r.initiating_months * 31 - 1\n      AND (v.on_day"),
    ("a visit need not have discussed the program", "opened", "NOT r.needs_discussion OR", "TRUE OR"),
    ("a consent not documented is in force", "consent_ranked", "is_to_biller AND documented THEN 1", "is_to_biller THEN 1"),
    ("two codes of a category are two conditions", "illnesses", "SUBSTRING(UPPER(icd10), 1, 3)", "icd10"),
    ("eleven months are long enough", "illnesses", "expected_months >= $chronic_months THEN 1 ELSE 0 END) AS is_chronic", "expected_months >= $chronic_months - 1 THEN 1 ELSE 0 END) AS is_chronic"),
    ("an untimed entry is not closed out", "untimed_days", "LEAST(u.reason_no, COALESCE(d.reason_no, $counted)", "LEAST(u.reason_no, $counted"),
    ("days in a facility go on after death", "facility_days", "AND (p.died_on IS NULL OR c.day_on <= p.died_on)", ""),
)  # fmt: skip
"""What is wrong, the step it is in, the text it replaces and the text put there."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Month, list[Records]]]:
    """Worlds of several months."""
    return [(month, draw_worlds(99, month, 120)) for month in MONTHS]


def with_program(
    program: list[Step], worlds: list[Records], month: Month, policy: Policy
) -> dict[tuple[str, str], PatientMonth]:
    base = Sqlite()
    base.load(crowd_of(worlds))
    run(base, month, policy, program=program)
    facts = {(fact.patient, fact.biller): fact for _, fact in read_months(base, month, None)}
    base.close()
    return facts


@pytest.mark.parametrize(("wrong", "step", "old", "new"), MISTAKES, ids=[one[0] for one in MISTAKES])
def test_a_mistake_is_seen(
    wrong: str, step: str, old: str, new: str, drawn: list[tuple[Month, list[Records]]], policy: Policy
) -> None:
    original = {one.name: one for one in steps()}[step]
    assert original.sql.count(old) >= 1, f"the step {step} no longer has this text: mend the test"
    program = [replace(one, sql=one.sql.replace(old, new)) if one.name == step else one for one in steps()]
    for month, worlds in drawn:
        facts = with_program(program, worlds, month, policy)
        if any(line for world in worlds for line in differences(world, facts, month, policy)):
            return
    pytest.fail(f"no world shows that {wrong}")


def test_without_a_mistake_nothing_is_seen(drawn: list[tuple[Month, list[Records]]], policy: Policy) -> None:
    for month, worlds in drawn:
        facts = with_program(list(steps()), worlds, month, policy)
        assert [line for world in worlds for line in differences(world, facts, month, policy)] == []
