"""Decides the distinct months of a close, and puts what was decided into tables to be joined back."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from careledger.batch.columns import MonthColumns
from careledger.batch.crowd import UNKNOWN, Crowd, Lines
from careledger.batch.deciders import Deciders, billed_lines
from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Person, ProposedLine
from careledger.engine.billers import Line, in_turn, relations
from careledger.engine.decide import Proofs
from careledger.engine.judge import BLOCKING, Found, Proof, Weighed
from careledger.engine.worth import service_date

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.batch.columns import Numbers

LINE_COLUMNS = pa.schema(
    [
        ("set_no", pa.int32()), ("code", pa.string()), ("place", pa.int32()), ("allowed_cents", pa.int64()),
        ("patient_share_cents", pa.int64()),
    ]
)  # fmt: skip
PROVEN_COLUMNS = pa.schema(
    [
        ("place", pa.int32()), ("verdict", pa.string()), ("units", pa.int32()), ("proof", pa.int64()),
        ("blocked_by", pa.string()), ("reach_clock", pa.string()), ("reach_target_s", pa.int32()), ("next_step", pa.string()),
    ]
)  # fmt: skip
REPEATED = {
    ("verdict_lines", "code"),
    *(("proof_columns", name) for name in ("verdict", "blocked_by", "reach_clock", "next_step")),
}
"""Columns whose few texts stand in many rows."""
SPECIAL_COLUMNS = pa.schema([("bill", pa.int32()), ("set_no", pa.int32())])
PROOF_COLUMNS = pa.schema([("proof", pa.int64()), ("findings", pa.list_(pa.int64()))])
FINDING_COLUMNS = pa.schema(
    [
        ("finding", pa.int64()), ("rule", pa.string()), ("outcome", pa.string()), ("says", pa.string()), ("uses", pa.string()),
        ("cite", pa.string()), ("next_step", pa.string()),
    ]
)  # fmt: skip


Row = tuple[str, int, int | None, int | None]
"""A code, the place of its proof, what is allowed and what the patient owes."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A patient of several billers, or with lines proposed: bills with their keys, in the order of the panel."""

    patient: str
    bills: tuple[tuple[int, int, str], ...]
    proposed: tuple[ProposedLine, ...]


class Decided:
    """Decides the distinct months of a close, and leaves what was decided in DuckDB.

    ``verdict_lines`` holds a row a set of verdicts and code, ``proof_columns`` what the proof of a row gives,
    ``finding_rows`` every finding once and ``proof_rows`` the findings of each proof, in order; ``verdict_rows`` shows the
    first two as one. A distinct month's key is the number of its set. Numbers of proofs and findings are hashes of what
    they stand for, so the same proof has the same number in every close.
    """

    def __init__(
        self, con: DuckDBPyConnection, deciders: Deciders, months: MonthColumns, people: Sequence[Person]
    ) -> None:
        self.con, self.deciders, self._distinct = con, deciders, months
        self.related = relations(people)
        self.months = months.count
        self.special: dict[int, int] = {}
        self._billed: defaultdict[int, list[Line]] = defaultdict(list)
        self._sets: dict[tuple[Row, ...], int] = {}
        self._groups: dict[Any, list[int]] = {}
        self._lines: list[Any] = []
        self._proof_columns: list[tuple[Any, ...]] = []
        self._proof_numbers: dict[int, bytes] = {}
        self._finding_rows: dict[int, tuple[Any, ...]] = {}
        self._proofs: dict[Proof, int] = {}
        self._found: dict[Found, bytes] = {}
        self._blocked: dict[Weighed, str] = {}

    def decide(self, shared: Sequence[Shared]) -> None:
        """Decide every distinct month, and patients whose billers must be looked at together."""
        wanted = np.zeros(self._distinct.count, bool)
        wanted[[key - 1 for patient in shared for _, key, _ in patient.bills]] = True
        for lines in Crowd(self.deciders, self._distinct).lines():
            numbers = np.array([self._number(proof) for proof in lines.proven.proofs], np.int64)
            self._lines.append(
                _line_table(
                    lines.rows + 1,
                    lines.code,
                    numbers[lines.proven.column.numbers],
                    lines.allowed_cents,
                    lines.share_cents,
                )
            )
            self._bill(lines, np.flatnonzero(wanted[lines.rows]))
        for patient in shared:
            self._share(patient)
        self._load()

    def _bill(self, lines: Lines, places: Numbers) -> None:
        """Note what is to be billed in some of the months, for those who bill the same patient after."""
        proofs = lines.proven.proofs
        for row, number in zip(lines.rows[places].tolist(), lines.proven.column.numbers[places].tolist(), strict=True):
            if proofs[number].verdict == "bill":
                self._billed[row].append((lines.code, proofs[number].units))

    def _share(self, patient: Shared) -> None:
        """Decide a patient whose billers must be looked at together; equal constellations once."""
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
        rows = {name: key - 1 for _, key, name in patient.bills}
        months = {name: replace(self._distinct.month(row), biller=name) for name, row in rows.items()}
        asked = sorted({code for row in rows.values() for code in self._distinct.asked(row)})

        def decide(month: PatientMonth, proposed: Sequence[ProposedLine]) -> tuple[int, tuple[Line, ...]]:
            row = rows[month.biller]
            if month is months[month.biller] and not proposed and asked == sorted(self._distinct.asked(row)):
                # Nobody has billed before: what was decided of the month alone stands.
                return row + 1, tuple(self._billed[row])
            proofs = self.deciders.proofs(month, asked, proposed)
            return self._add(month, proofs), billed_lines(proofs)

        sets = {
            month.biller: number
            for month, number in in_turn(list(months.values()), decide, self.related, patient.proposed)
        }
        return [sets[name] for _, _, name in patient.bills]

    def _add(self, month: PatientMonth, proofs: Proofs) -> int:
        """The number of a month's set of verdicts; a new one is written down."""
        self.months += 1
        rows = tuple([(code, self._number(proof), *self._price(month, code, proof)) for code, proof in proofs.items()])
        return self._sets.setdefault(rows, self._distinct.count + 1 + len(self._sets))

    def _number(self, proof: Proof) -> int:
        """A proof's place among ``proof_columns``; it and its findings are written down when they are new."""
        place = self._proofs.get(proof)
        if place is None:
            place = self._proofs[proof] = len(self._proofs)
            self._proof_columns.append((place, *self._proved(proof)))
        return place

    def _proved(self, proof: Proof) -> tuple[Any, ...]:
        """The columns of a verdict that its proof gives."""
        known = self._found
        numbers = b"".join([known.get(found) or self._numbered(found) for found in proof.passed])
        number = _hashed(numbers)
        self._proof_numbers.setdefault(number, numbers)
        blocked = self._blocked.get(proof.weighed)
        if blocked is None:
            blocked = self._blocked[proof.weighed] = blocked_by(proof.blocking)
        clock, target = (proof.reach.clock, proof.reach.target_s) if proof.reach else (None, None)
        return (
            proof.verdict, billed_units(proof), number, blocked, clock, target, proof.next_step
        )  # fmt: skip

    def _numbered(self, found: Found) -> bytes:
        """The numbers of a passage's findings, eight bytes each; the findings are written down when they are new."""
        made = self._found[found] = array("q", [self._finding(finding) for finding in found.findings]).tobytes()
        return made

    def _finding(self, found: Finding) -> int:
        row = (found.rule, found.outcome, found.says, " ".join(found.uses), " ".join(found.cite), found.next_step)
        number = _hashed(repr(row).encode())
        self._finding_rows.setdefault(number, row)
        return number

    def _load(self) -> None:
        """Put what was decided into DuckDB."""
        special = [(number, *row) for rows, number in self._sets.items() for row in rows]
        lines = pa.concat_tables([*self._lines, _table(special, LINE_COLUMNS)])
        self._lines = []
        for name, table in (
            ("verdict_lines", lines),
            ("proof_columns", _table(self._proof_columns, PROVEN_COLUMNS)),
            ("proof_rows", _proof_table(self._proof_numbers)),
            ("finding_rows", _table([(number, *row) for number, row in self._finding_rows.items()], FINDING_COLUMNS)),
            ("special_sets", _table(list(self.special.items()), SPECIAL_COLUMNS)),
        ):
            self._store(name, table)
        self.con.execute("""
            CREATE VIEW verdict_rows AS
            SELECT l.set_no, l.code, l.allowed_cents, l.patient_share_cents, c.* EXCLUDE (place)
            FROM verdict_lines AS l JOIN proof_columns AS c ON c.place = l.place
        """)

    def _store(self, name: str, table: pa.Table) -> None:
        """Make a table of DuckDB; texts that come back on millions of rows are kept as numbers of a list (ENUM)."""
        self.con.register("incoming", table)
        few = [column for column in table.column_names if (name, column) in REPEATED]
        for column in few:
            words = f"SELECT DISTINCT {column} FROM incoming WHERE {column} IS NOT NULL ORDER BY 1"
            self.con.execute(f"CREATE TYPE {name}_{column} AS ENUM ({words})")
        cast = ", ".join(f"CAST({column} AS {name}_{column}) AS {column}" for column in few)
        columns = f"* REPLACE ({cast})" if few else "*"
        self.con.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM incoming")
        self.con.unregister("incoming")

    def _price(self, month: PatientMonth, code: str, proof: Proof) -> tuple[int | None, int | None]:
        if proof.verdict != "bill":
            return None, None
        pricer = self.deciders.pricer(self.deciders.payer_of(month))
        price = pricer.price(month, code, proof.units, service_date(month))
        return price.allowed_cents, price.patient_share_cents


def _line_table(sets: Any, code: str, places: Any, allowed: Any, share: Any) -> pa.Table:
    """Rows of ``verdict_lines`` for one code."""
    count = len(sets)
    columns = [
        pa.array(sets, pa.int32()), pa.repeat(pa.scalar(code), count), pa.array(places, pa.int32()),
        pa.array(allowed, mask=allowed == UNKNOWN), pa.array(share, mask=share == UNKNOWN),
    ]  # fmt: skip
    return pa.table(columns, schema=LINE_COLUMNS)


def _proof_table(numbers: dict[int, bytes]) -> pa.Table:
    """Rows of ``proof_rows``: proofs and the numbers of their findings."""
    ends = np.cumsum([0, *(len(listed) // 8 for listed in numbers.values())])
    findings = pa.array(np.frombuffer(b"".join(numbers.values()), np.int64))
    listed = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), findings)
    return pa.table([pa.array(numbers.keys(), pa.int64()), listed], schema=PROOF_COLUMNS)


def _hashed(content: bytes) -> int:
    """A number of 63 bits that stands for a content in every close."""
    return int.from_bytes(blake2b(content, digest_size=8).digest()) >> 1


def blocked_by(findings: Iterable[Finding]) -> str:
    """Ids of the rules that stand against a code, parted by one space."""
    return " ".join(dict.fromkeys(found.rule for found in findings if found.outcome in BLOCKING))


def billed_units(proof: Proof) -> int:
    """Units to bill; none unless the verdict says so."""
    return proof.units if proof.verdict == "bill" else 0


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


def people_of(con: DuckDBPyConnection) -> list[Person]:
    """The billers, as far as their relation to one another needs."""
    sql = "SELECT person_id, kind, practice_id, specialty FROM people WHERE person_id IN (SELECT biller_id FROM panel)"
    return [
        Person(person_id=person, kind=kind, practice_id=practice, specialty=specialty)
        for person, kind, practice, specialty in con.execute(sql).fetchall()
    ]


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema=schema)
