"""What an audit binder is made from: one patient's month for one practitioner, with every record behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from careledger.core.decision import MonthDecision
from careledger.core.month import Month, day_start_s
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.core.records import Patient, Person, Practice, TimeEntry
from careledger.ledger import Anchor
from careledger.policy import Policy

Record = TypeVar("Record")
LATE_AFTER_DAYS = 3
"""House value: work recorded more than three days after it is marked late. No law sets a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What became of one entry's seconds in one program.

    Attributes:
        counted_s: seconds that count toward the program.
        lost: reason to seconds that do not.
    """

    entry_id: str
    program: str
    counted_s: int
    lost: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """A row of ``decisions.parquet``: what the month's close decided on a code."""

    code: str
    verdict: str
    units: int
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """The practitioner's word that the month's services were furnished as logged."""

    signed_by: str
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BinderData:
    """Everything a binder prints.

    Attributes:
        facts: the patient's month as it was decided.
        decision: the decision for the practitioner of ``facts``.
        evidence: fact to the ids of the records behind it.
        records: by table, what is recorded of the patient; ``people`` holds everyone named in them.
        shares: what counts of each entry of the month.
        closed: the close's rows for the practitioner; empty when the month was not closed.
        attestation: None until the practitioner attested.
        ledger: the head of the time ledger the entries came from, when they did.
        prepared_on: the day printed on the binder.
        names: a record as evidence names it, such as ``people[4]``, to its name in the manifest.
        late_after_days: work recorded more days after it is marked late.
    """

    facts: PatientMonth
    decision: MonthDecision
    evidence: Evidence
    records: Mapping[str, Sequence[Any]]
    policy: Policy
    shares: tuple[Share, ...]
    prepared_on: date
    closed: tuple[ClosedLine, ...] = ()
    attestation: Attestation | None = None
    ledger: Anchor | None = None
    late_after_days: int = LATE_AFTER_DAYS
    names: Mapping[str, str] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._people.update({person.person_id: person for person in self.rows("people", Person)})

    def rows(self, table: str, _: type[Record]) -> list[Record]:
        """The records of a table."""
        return list(self.records.get(table, ()))

    def person(self, person_id: str | None) -> Person | None:
        return None if person_id is None else self._people.get(person_id)

    @property
    def month(self) -> Month:
        return self.facts.month

    @property
    def patient(self) -> Patient:
        return self.rows("patients", Patient)[0]

    @property
    def biller(self) -> Person:
        return self._people[self.facts.biller]

    @property
    def practice(self) -> Practice | None:
        found = (row for row in self.rows("practices", Practice) if row.practice_id == self.biller.practice_id)
        return next(found, None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.practice.time_zone if self.practice else "America/New_York")

    def entries(self) -> list[TimeEntry]:
        """The patient's entries that touch the month, in the order of the work."""
        shown = {share.entry_id for share in self.shares}
        found = [row for row in self.rows("time_entries", TimeEntry) if row.entry_id in shown]
        return sorted(found, key=lambda row: order_of(row, self.zone))


def order_of(entry: TimeEntry, zone: ZoneInfo) -> tuple[int, int, str]:
    """Entries in the order in which they hold their seconds: by start, the longer first."""
    if entry.start_s is not None:
        return entry.start_s, -(entry.end_s or 0), entry.entry_id
    return (day_start_s(entry.on, zone) if entry.on else 0), 0, entry.entry_id
