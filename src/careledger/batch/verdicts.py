"""Decides the distinct months of a close, and puts what was decided into tables to be joined back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from careledger.core.decision import Decision, MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Person, ProposedLine
from careledger.engine.billers import decide_patient, relations
from careledger.engine.decide import Engine
from careledger.engine.judge import BLOCKING
from careledger.engine.worth import Pricer, service_date
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Asked = tuple[PatientMonth, tuple[str, ...]]
"""A month and the codes asked of it."""

VERDICT_COLUMNS = pa.schema(
    [
        ("set_no", pa.int32()), ("code", pa.string()), ("verdict", pa.string()), ("units", pa.int32()),
        ("allowed_cents", pa.int64()), ("patient_share_cents", pa.int64()), ("proof", pa.int32()),
        ("blocked_by", pa.string()), ("reach_clock", pa.string()), ("reach_target_s", pa.int32()), ("next_step", pa.string()),
    ]
)  # fmt: skip
PROOF_COLUMNS = pa.schema(
    [
        ("proof", pa.int32()), ("place", pa.int32()), ("rule", pa.string()), ("outcome", pa.string()), ("says", pa.string()),
        ("uses", pa.string()), ("cite", pa.string()), ("next_step", pa.string()),
    ]
)  # fmt: skip


class Deciders:
    """One engine per payer, for the last day of a month."""

    def __init__(self, policy: Policy, month: Month) -> None:
        self.policy, self.month = policy, month
        self._engines: dict[str, Engine] = {}
        self._pricers: dict[str, Pricer] = {}

    def view(self, payer: str) -> PolicyView:
        return self.engine(payer).view

    def engine(self, payer: str) -> Engine:
        if payer not in self._engines:
            self._engines[payer] = Engine(self.policy.on(self.month.last_on, payer))
        return self._engines[payer]

    def pricer(self, payer: str) -> Pricer:
        if payer not in self._pricers:
            self._pricers[payer] = Pricer(self.view(payer))
        return self._pricers[payer]

    def payer_of(self, month: PatientMonth) -> str:
        """The overlay that answers for a month: the plan's own, else the payer's."""
        return month.plan if month.plan in self.policy.payers and month.plan is not None else month.payer

    def decide(self, month: PatientMonth, asked: Iterable[str] = ()) -> MonthDecision:
        return self.engine(self.payer_of(month)).decide(month, None, asked)


@dataclass(frozen=True, slots=True)
class Shared:
    """A patient of several billers, or with lines proposed: bills with their keys, in the order of the panel."""

    patient: str
    bills: tuple[tuple[int, int, str], ...]
    proposed: tuple[ProposedLine, ...]


class Decided:
    """Everything decided in a close: sets of verdicts, and which bill has which set."""

    def __init__(self, deciders: Deciders, keyed: Mapping[int, Asked], people: Sequence[Person]) -> None:
        self.deciders, self.keyed = deciders, keyed
        self.related = relations(people)
        self.sets: list[tuple[PatientMonth, MonthDecision]] = []
        self.special: dict[int, int] = {}
        self.plain: dict[int, int] = {}
        self._groups: dict[Any, list[int]] = {}

    def decide_plain(self, keys: Iterable[int]) -> None:
        """Decide months that concern one practitioner only."""
        for key in keys:
            month, asked = self.keyed[key]
            self.plain[key] = self._add(month, self.deciders.decide(month, asked))

    def decide_shared(self, patients: Iterable[Shared]) -> None:
        """Decide patients whose billers must be looked at together; equal constellations once."""
        for patient in patients:
            names = [name for _, _, name in patient.bills]
            relation = tuple(self.related(one, other) for one in names for other in names)
            lines = tuple(
                (names.index(line.practitioner) if line.practitioner in names else -1, line.code)
                for line in patient.proposed
            )
            group = (tuple(key for _, key, _ in patient.bills), relation, lines)
            if group not in self._groups:
                self._groups[group] = self._together(patient)
            self.special.update(zip((bill for bill, _, _ in patient.bills), self._groups[group], strict=True))

    def _together(self, patient: Shared) -> list[int]:
        months = [replace(self.keyed[key][0], biller=name) for _, key, name in patient.bills]
        asked = {code for _, key, _ in patient.bills for code in self.keyed[key][1]}
        decided = decide_patient(
            months,
            self.deciders.view(self.deciders.payer_of(months[0])),
            self.related,
            asked=sorted(asked),
            proposed=patient.proposed,
        )
        sets = {month.biller: self._add(month, decision) for month, decision in decided}
        return [sets[name] for _, _, name in patient.bills]

    def _add(self, month: PatientMonth, decision: MonthDecision) -> int:
        self.sets.append((month, decision))
        return len(self.sets) - 1

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Verdicts by set and code, and the proofs they refer to."""
        proofs: dict[tuple[Any, ...], int] = {}
        rows = [
            self._row(number, month, decision, proofs)
            for number, (month, decided) in enumerate(self.sets)
            for decision in decided.decisions
        ]
        return _table(rows, VERDICT_COLUMNS), _table(list(_proof_rows(proofs)), PROOF_COLUMNS)

    def _row(
        self, number: int, month: PatientMonth, decision: Decision, proofs: dict[tuple[Any, ...], int]
    ) -> tuple[Any, ...]:
        proof = tuple(
            (found.rule, found.outcome, found.says, " ".join(found.uses), " ".join(found.cite), found.next_step)
            for found in decision.because
        )
        allowed, share = self._price(month, decision)
        return (
            number,
            decision.code,
            decision.verdict,
            decision.units,
            allowed,
            share,
            proofs.setdefault(proof, len(proofs)),
            blocked_by(decision),
            decision.reach.clock if decision.reach else None,
            decision.reach.target_s if decision.reach else None,
            decision.next_step,
        )

    def _price(self, month: PatientMonth, decision: Decision) -> tuple[int | None, int | None]:
        if decision.verdict != "bill":
            return None, None
        pricer = self.deciders.pricer(self.deciders.payer_of(month))
        price = pricer.price(month, decision.code, decision.units, service_date(month))
        return price.allowed_cents, price.patient_share_cents


def blocked_by(decision: Decision) -> str:
    """Ids of the rules that stand against a code, parted by one space."""
    return " ".join(dict.fromkeys(found.rule for found in decision.because if found.outcome in BLOCKING))


def shared_patients(con: DuckDBPyConnection) -> Iterator[Shared]:
    """Patients with several billers or with proposed lines, one by one."""
    con.execute("""
        CREATE TEMP TABLE shared_bills AS
        SELECT b.bill, b.patient_id, b.biller_id, b.row_no FROM bills AS b
        WHERE b.patient_no IN (SELECT patient_no FROM bills GROUP BY patient_no HAVING COUNT(*) > 1)
          OR b.patient_id IN (SELECT patient_id FROM proposed_lines)
    """)
    lines: dict[str, list[ProposedLine]] = {}
    for patient, practitioner, code, units, on in con.execute(
        'SELECT patient_id, practitioner, code, units, "on" FROM proposed_lines'
    ).fetchall():
        line = ProposedLine(patient_id=patient, practitioner=practitioner, code=code, units=units, on=on)
        lines.setdefault(patient, []).append(line)
    found = con.execute("""
        SELECT s.patient_id, s.bill, k.month_key, s.biller_id
        FROM shared_bills AS s JOIN bill_keys AS k ON k.bill = s.bill ORDER BY s.patient_id, s.row_no, s.bill
    """).fetchall()
    for patient, rows in groupby(found, key=lambda row: row[0]):
        bills = tuple((bill, key, name) for _, bill, key, name in rows)
        yield Shared(patient=patient, bills=bills, proposed=tuple(lines.get(patient, ())))


def plain_keys(con: DuckDBPyConnection) -> list[int]:
    """Keys of months that concern one practitioner only; ``shared_patients`` goes before."""
    sql = "SELECT DISTINCT month_key FROM bill_keys WHERE bill NOT IN (SELECT bill FROM shared_bills) ORDER BY 1"
    return [row[0] for row in con.execute(sql).fetchall()]


def people_of(con: DuckDBPyConnection) -> list[Person]:
    """The billers, as far as their relation to one another needs."""
    sql = "SELECT person_id, kind, practice_id, specialty FROM people WHERE person_id IN (SELECT biller_id FROM panel)"
    return [
        Person(person_id=person, kind=kind, practice_id=practice, specialty=specialty)
        for person, kind, practice, specialty in con.execute(sql).fetchall()
    ]


def _proof_rows(proofs: Mapping[tuple[Any, ...], int]) -> Iterator[tuple[Any, ...]]:
    for proof, number in proofs.items():
        for place, (rule, outcome, says, uses, cite, step) in enumerate(proof):
            yield number, place, rule, outcome, says, uses, cite, step


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema=schema)
