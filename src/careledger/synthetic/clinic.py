"""A synthetic clinic of about two hundred patients, with every situation a billing office meets, by design.

Everything is drawn from one seed: equal seeds give equal clinics. What is published is used as published (prevalence of
conditions); what is not (how minutes spread over patients) is assumed, and ``data/situations.csv`` says so. Nobody in
it is, or resembles by intent, a living person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from careledger.core.month import Month
from careledger.core.records import TABLES, OtherClaim
from careledger.synthetic import cast
from careledger.synthetic.draw import Draw, rows
from careledger.synthetic.situations import SITUATIONS
from careledger.synthetic.story import Story, ordinary
from careledger.synthetic.timesheet import Diary, Work

ZONE = ZoneInfo("America/New_York")
_MONTHS_BEFORE = 2
_TEAM = 200
"""Patients that one team of staff has room for."""
_WITH_HISTORY = ("ready_20_39", "ready_40_59", "ready_60_plus", "qmb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Which situation a patient is in, and what the month's close must say.

    Attributes:
        bills: code to units; empty when nothing may be billed.
        held: what the claim is held for, empty when it may go.
    """

    patient_id: str
    biller: str
    situation: str
    bills: dict[str, int]
    held: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A clinic's records by table, and the label of every patient."""

    month: Month
    records: dict[str, list[Any]]
    labels: tuple[Label, ...]


def make_clinic(seed: int, month: Month, patients: int = 200) -> Clinic:
    """Draw a clinic.

    Args:
        seed: equal seeds give equal clinics.
        month: the month that is told; work and claims of the two months before it are told too.
        patients: how many; at least those of the designed situations.

    Raises:
        ValueError: fewer patients than designed situations.
    """
    draw = Draw(Random(seed))
    records: dict[str, list[Any]] = {table: [] for table in TABLES}
    records["practices"] = list(cast.practices(draw))
    records["people"] = list(cast.people(draw))
    labels = []
    works: list[Work] = []
    for number, row in enumerate(_situations(patients), start=1):
        story = ordinary(number, row["label"], _biller(row["label"], number), month, ZONE, draw)
        SITUATIONS[row["label"]](story)
        _history(story)
        labels.append(_label(story, row))
        works += [_by_team(work, number) for work in story.work]
        for table, found in story.records.items():
            records[table] += found
    records["people"] += cast.teams(records["people"], {work.by for work in works})
    records["time_entries"] = Diary(draw, ZONE).enter(works)
    return Clinic(month=month, records=records, labels=tuple(labels))


def _by_team(work: Work, number: int) -> Work:
    """A clinic too large for its staff has more teams of the same people; the first team's clinic stays as it was."""
    team = (number - 1) // _TEAM
    return replace(work, by=cast.of_team(work.by, team)) if work.by in cast.EMPLOYED and team else work


def _situations(patients: int) -> Iterator[dict[str, str]]:
    """One row a patient: the designed ones as counted, the rest by weight."""
    designed = [row for row in rows("situations") for _ in range(int(row["count"]))]
    rest = patients - len(designed)
    if rest < 0:
        raise ValueError(f"the designed situations need {len(designed)} patients")
    yield from designed
    weighted = [row for row in rows("situations") for _ in range(int(row["weight"]))]
    for place in range(rest):
        yield weighted[place * len(weighted) // max(rest, 1)]


def _biller(label: str, number: int) -> str:
    return cast.BAD_NPI if label == "practitioner_with_bad_npi" else cast.BILLERS[number % len(cast.BILLERS)]


def _label(story: Story, row: dict[str, str]) -> Label:
    bills = dict(pair.split(":") for pair in row["bills"].split())
    return Label(
        patient_id=story.id,
        biller=story.biller,
        situation=story.label,
        bills={code: int(units) for code, units in bills.items()},
        held=row["held"],
        says=row["says"],
    )


def _history(story: Story) -> None:
    """Work and claims of the two months before, for patients who were enrolled then and have staff time now."""
    month = story.month
    for _ in range(_MONTHS_BEFORE):
        month = month.previous()
        if story.label in _WITH_HISTORY and story.records["consents"][0].given_on < month.first_on:
            story.staff_in(month, story.draw.random.uniform(20, 39))
            claim = OtherClaim(
                patient_id=story.id,
                practitioner=story.biller,
                practice_id=cast.PRACTICE,
                code="99490",
                on=month.last_on,
            )
            story.add("other_claims", claim)
