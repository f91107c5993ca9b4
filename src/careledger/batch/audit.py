"""Self-audit of a close: every row against the decision on its exact facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from careledger.batch.deciders import Deciders
from careledger.batch.verdicts import Shared, billed_units, blocked_by
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Person
from careledger.engine.billers import relations
from careledger.engine.decide import Proofs
from careledger.facts.dialect import DuckDb
from careledger.facts.rows import read_months, words

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHUNK = 50_000
"""Patient-months read at a time."""

SHOWN = 20
"""Disagreements that are kept to be shown."""


@dataclass(slots=True)
class Audit:
    """How many rows were compared, and those that differ (there must be none)."""

    rows: int = 0
    differ: int = 0
    first: list[str] = field(default_factory=list)

    def note(self, patient: str, practitioner: str) -> None:
        self.differ += 1
        if len(self.first) < SHOWN:
            self.first.append(f"{patient} / {practitioner}")


def audit(
    con: DuckDBPyConnection,
    month: Month,
    as_of: date | None,
    deciders: Deciders,
    people: list[Person],
    shared: dict[int, Shared],
    progress: Callable[[int, int], None],
) -> Audit:
    """Decide every patient-month on its exact facts and compare with what the close will write.

    Args:
        shared: by bill, the patients whose billers are looked at together.
        progress: told of the rows done and of all.
    """
    found = Audit()
    total = con.execute("SELECT COUNT(*) FROM bills").fetchall()[0][0]
    written = _Written(con)
    together: dict[str, dict[int, PatientMonth]] = {}
    for first in range(1, total + 1, CHUNK):
        for bill, exact in read_months(DuckDb(con), month, as_of, bills=(first, first + CHUNK)):
            if bill in shared:
                together.setdefault(shared[bill].patient, {})[bill] = exact
            else:
                found.rows += 1
                if shape(deciders.proofs(exact, written.asked(bill))) != written.of(bill):
                    found.note(exact.patient, exact.biller)
        progress(min(first + CHUNK - 1, total), total)
    for patient in {one.patient: one for one in shared.values()}.values():
        _audit_shared(patient, together[patient.patient], deciders, people, written, found)
    return found


def _audit_shared(
    patient: Shared,
    months: dict[int, PatientMonth],
    deciders: Deciders,
    people: list[Person],
    written: _Written,
    found: Audit,
) -> None:
    bills = [bill for bill, _, _ in patient.bills]
    asked = sorted({code for bill in bills for code in written.asked(bill)})
    exact = [months[bill] for bill in bills]
    decided = deciders.proofs_of_patient(exact, relations(people), asked, patient.proposed)
    by_biller = {month.biller: shape(proofs) for month, proofs in decided}
    for bill, month in zip(bills, exact, strict=True):
        found.rows += 1
        if by_biller[month.biller] != written.of(bill):
            found.note(month.patient, month.biller)


def shape(proofs: Proofs) -> tuple[Any, ...]:
    """What must be equal: code, verdict, units, rules against it, the clock to reach and its target, the next step."""
    return tuple(
        (
            code,
            one.verdict,
            billed_units(one),
            blocked_by(one.findings),
            one.reach.clock if one.reach else None,
            one.reach.target_s if one.reach else None,
            one.next_step,
        )
        for code, one in proofs.items()
    )


class _Written:
    """What the close will write, by bill; bills are numbered from 1."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        sql = "SELECT place, verdict, units, blocked_by, reach_clock, reach_target_s, next_step FROM proof_columns"
        self._proven = {place: tuple(row) for place, *row in _rows(con, sql)}
        self._sets: dict[int, list[tuple[str, int]]] = {}
        lines: dict[tuple[str, int], tuple[str, int]] = {}
        for set_no, *line in _rows(con, "SELECT set_no, code, place FROM verdict_lines"):
            key = (line[0], line[1])
            self._sets.setdefault(set_no, []).append(lines.setdefault(key, key))
        bills = con.execute("SELECT bill, set_no FROM bill_sets").fetchnumpy()
        self._set_of = np.zeros(len(bills["bill"]) + 1, np.int32)
        self._set_of[bills["bill"]] = bills["set_no"]
        self._asked = dict(_rows(con, "SELECT bill, asked FROM months WHERE asked <> ''"))

    def of(self, bill: int) -> tuple[Any, ...]:
        return tuple([(code, *self._proven[place]) for code, place in self._sets.get(int(self._set_of[bill]), ())])

    def asked(self, bill: int) -> tuple[str, ...]:
        return words(self._asked.get(bill))


def _rows(con: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    con.execute(sql)
    while rows := con.fetchmany(100_000):
        yield from rows
