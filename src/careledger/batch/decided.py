"""Everything decided in a close, as tables to be joined back: verdicts by set, reasons, and which bill has which set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from careledger.batch.signature import KeyedMonths
from careledger.batch.verdicts import PRICED_BY, Deciders, Quick, Verdict, verdict_of
from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Person, ProposedLine
from careledger.engine.billers import decide_patient, relations
from careledger.engine.worth import service_date

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERDICTS = pa.schema(
    [
        ("set_no", pa.int32()), ("code", pa.string()), ("verdict", pa.string()), ("units", pa.int32()),
        ("allowed_cents", pa.int64()), ("patient_share_cents", pa.int64()), ("reason_no", pa.int32()),
        ("blocked_by", pa.string()), ("reach_clock", pa.string()), ("reach_target_s", pa.int32()), ("next_step", pa.string()),
    ]
)  # fmt: skip
REASONS = pa.schema(
    [
        ("reason_no", pa.int32()), ("place", pa.int32()), ("rule", pa.string()), ("outcome", pa.string()),
        ("says", pa.string()), ("uses", pa.string()), ("cite", pa.string()), ("next_step", pa.string()),
    ]
)  # fmt: skip

Amounts = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Shared:
    """A patient of several billers, or with lines proposed: (bill, key, biller) in the order of the panel."""

    patient: str
    bills: tuple[tuple[int, int, str], ...]
    proposed: tuple[ProposedLine, ...]


class Decided:
    """Decides the months of a close and collects what was decided."""

    def __init__(self, deciders: Deciders, months: KeyedMonths, people: Sequence[Person]) -> None:
        self.deciders, self.months = deciders, months
        self.related = relations(people)
        self.plain: dict[int, int] = {}
        self.special: dict[int, int] = {}
        self.sets: dict[tuple[tuple[Verdict, ...], tuple[Amounts, ...]], int] = {}
        self._groups: dict[Any, list[int]] = {}
        self._amounts: dict[Any, Amounts] = {}

    def decide_plain(self, keys: Iterable[int]) -> None:
        """Decide months that concern one practitioner only."""
        quick: dict[str, Quick] = {}
        payer, plan = self.months.places["payer"], self.months.places["plan"]
        for key in keys:
            flat = self.months.flat(key)
            name = self.deciders.payer_of(flat[payer], flat[plan])
            if name not in quick:
                quick[name] = Quick(self.deciders.engine(name), self.months)
            self.plain[key] = self._set(key, name, quick[name].decide(key))

    def decide_shared(self, patients: Iterable[Shared]) -> None:
        """Decide patients whose billers must be looked at together; equal constellations once."""
        for patient in patients:
            names = [name for _, _, name in patient.bills]
            relation = tuple(self.related(one, other) for one in names for other in names)
            lines = tuple(
                (names.index(line.practitioner) if line.practitioner in names else line.practitioner, line.code)
                for line in patient.proposed
            )
            group = (tuple(key for _, key, _ in patient.bills), relation, lines)
            if group not in self._groups:
                self._groups[group] = self._together(patient)
            self.special.update(zip((bill for bill, _, _ in patient.bills), self._groups[group], strict=True))

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Verdicts by set and code, and the findings that stand against them."""
        reasons: dict[tuple[tuple[Any, ...], ...], int] = {}
        rows = [
            (number, *verdict[:3], *amounts, reasons.setdefault(_told(verdict[7]), len(reasons)), *verdict[3:7])
            for (verdicts, paid), number in self.sets.items()
            for verdict, amounts in zip(verdicts, paid, strict=True)
        ]
        told = [(number, place, *finding) for findings, number in reasons.items() for place, finding in enumerate(findings)]
        return _table(rows, VERDICTS), _table(told, REASONS)

    def _together(self, patient: Shared) -> list[int]:
        months = [replace(self.months.record(key), biller=name) for _, key, name in patient.bills]
        keys = {name: key for _, key, name in patient.bills}
        payer = self.deciders.payer_of(months[0].payer, months[0].plan)
        decided = decide_patient(
            months,
            self.deciders.view(payer),
            self.related,
            asked=sorted({code for key in keys.values() for code in self.months.asked(key)}),
            proposed=patient.proposed,
        )
        sets = {
            month.biller: self._set(keys[month.biller], payer, tuple(verdict_of(one) for one in decision.decisions))
            for month, decision in decided
        }
        return [sets[name] for _, _, name in patient.bills]

    def _set(self, key: int, payer: str, verdicts: tuple[Verdict, ...]) -> int:
        """The number of a set of verdicts with their amounts."""
        amounts = tuple([self._priced(key, payer, one) if one[1] == "bill" else (None, None) for one in verdicts])
        return self.sets.setdefault((verdicts, amounts), len(self.sets))

    def _priced(self, key: int, payer: str, verdict: Verdict) -> Amounts:
        flat = self.months.flat(key)
        question = (verdict[0], verdict[2], payer, *(flat[self.months.places[name]] for name in PRICED_BY))
        if question not in self._amounts:
            month = self.months.record(key)
            price = self.deciders.pricer(payer).price(month, verdict[0], verdict[2], service_date(month))
            self._amounts[question] = (price.allowed_cents, price.patient_share_cents)
        return self._amounts[question]


def shared_patients(con: DuckDBPyConnection) -> Iterator[Shared]:
    """Patients with several billers or with proposed lines, one by one; leaves ``shared_bills``."""
    con.execute("""
        CREATE TEMP TABLE shared_bills AS
        SELECT b.bill, b.patient_id, b.biller_id, b.row_no FROM bills AS b
        WHERE b.patient_no IN (SELECT patient_no FROM bills GROUP BY patient_no HAVING COUNT(*) > 1)
          OR b.patient_id IN (SELECT patient_id FROM proposed_lines)
    """)
    lines = _proposed(con)
    found = con.execute("""
        SELECT s.patient_id, s.bill, k.month_key, s.biller_id
        FROM shared_bills AS s JOIN bill_keys AS k ON k.bill = s.bill ORDER BY s.patient_id, s.row_no, s.bill
    """).fetchall()
    for patient, rows in groupby(found, key=lambda row: row[0]):
        bills = tuple((bill, key, name) for _, bill, key, name in rows)
        yield Shared(patient=patient, bills=bills, proposed=tuple(lines.get(patient, ())))


def _proposed(con: DuckDBPyConnection) -> Mapping[str, list[ProposedLine]]:
    lines: dict[str, list[ProposedLine]] = {}
    sql = 'SELECT patient_id, practitioner, code, units, "on" FROM proposed_lines'
    for patient, practitioner, code, units, on in con.execute(sql).fetchall():
        line = ProposedLine(patient_id=patient, practitioner=practitioner, code=code, units=units, on=on)
        lines.setdefault(patient, []).append(line)
    return lines


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


def load(con: DuckDBPyConnection, decided: Decided) -> None:
    """Put what was decided into the connection: ``verdict_rows``, ``reason_rows`` and ``bill_sets``."""
    verdicts, reasons = decided.tables()
    tables = {
        "verdict_rows": verdicts,
        "reason_rows": reasons,
        "key_sets": _pairs("month_key", decided.plain),
        "special_sets": _pairs("bill", decided.special),
    }
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM incoming")
        con.unregister("incoming")
    con.execute("""
        CREATE TEMP TABLE bill_sets AS
        SELECT b.bill, COALESCE(s.set_no, k.set_no) AS set_no
        FROM bill_keys AS b
        LEFT JOIN special_sets AS s ON s.bill = b.bill
        LEFT JOIN key_sets AS k ON k.month_key = b.month_key
    """)


def _pairs(name: str, numbers: Mapping[int, int]) -> pa.Table:
    return pa.table({name: pa.array(numbers.keys(), pa.int32()), "set_no": pa.array(numbers.values(), pa.int32())})


def _told(findings: Iterable[Finding]) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (found.rule, found.outcome, found.says, " ".join(found.uses), " ".join(found.cite), found.next_step)
        for found in findings
    )


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema=schema)
