"""Decides the distinct months of a close, and puts what was decided into tables to be joined back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from careledger.core.decision import Finding, MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.core.records import Person, ProposedLine
from careledger.engine.billers import Line, Related, in_turn, relations
from careledger.engine.decide import Engine, Proofs
from careledger.engine.judge import BLOCKING, Proof
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
        ("allowed_cents", pa.int64()), ("patient_share_cents", pa.int64()), ("proof", pa.int64()),
        ("blocked_by", pa.string()), ("reach_clock", pa.string()), ("reach_target_s", pa.int32()), ("next_step", pa.string()),
    ]
)  # fmt: skip
PROOF_COLUMNS = pa.schema([("proof", pa.int64()), ("findings", pa.list_(pa.int64()))])
FINDING_COLUMNS = pa.schema(
    [
        ("finding", pa.int64()), ("rule", pa.string()), ("outcome", pa.string()), ("says", pa.string()), ("uses", pa.string()),
        ("cite", pa.string()), ("next_step", pa.string()),
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
            self._engines[payer] = Engine(self.policy.on(self.month.last_on, payer), shows_facts=False)
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

    def proofs(self, month: PatientMonth, asked: Iterable[str] = ()) -> Proofs:
        """Every code's proof, without what only a reader of one month looks for."""
        return self.engine(self.payer_of(month)).judged(month, asked).proofs

    def proofs_of_patient(
        self,
        months: Sequence[PatientMonth],
        related: Related,
        asked: Iterable[str] = (),
        proposed: Sequence[ProposedLine] = (),
    ) -> tuple[tuple[PatientMonth, Proofs], ...]:
        """Proofs for several billers of one patient, or for lines proposed; see ``engine.billers``."""
        engine = self.engine(self.payer_of(months[0]))

        def decide(month: PatientMonth, lines: Sequence[ProposedLine]) -> tuple[Proofs, tuple[Line, ...]]:
            proofs = engine.judged(month, asked, lines).proofs
            return proofs, tuple((code, proof.units) for code, proof in proofs.items() if proof.verdict == "bill")

        return in_turn(months, decide, related, proposed)


@dataclass(frozen=True, slots=True)
class Shared:
    """A patient of several billers, or with lines proposed: bills with their keys, in the order of the panel."""

    patient: str
    bills: tuple[tuple[int, int, str], ...]
    proposed: tuple[ProposedLine, ...]


FLUSH = 250_000
"""Rows of verdicts held in Python before they go to DuckDB."""

Row = tuple[str, Proof, int | None, int | None]
"""A code, its proof, what is allowed and what the patient owes."""


class Decided:
    """Decides the distinct months of a close, and leaves what was decided in DuckDB.

    ``verdict_rows`` holds sets of verdicts, each once, ``finding_rows`` every finding once and ``proof_rows`` the findings of
    each proof, in order. Numbers of proofs and findings are hashes of what they stand for, so the same proof has the same
    number in every close.
    """

    def __init__(self, con: DuckDBPyConnection, deciders: Deciders, people: Sequence[Person]) -> None:
        self.con, self.deciders = con, deciders
        self.related = relations(people)
        self.months = 0
        self.special: dict[int, int] = {}
        self.plain: dict[int, int] = {}
        self._sets: dict[tuple[Row, ...], int] = {}
        self._groups: dict[Any, list[int]] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._proof_rows: list[tuple[Any, ...]] = []
        self._finding_rows: list[tuple[Any, ...]] = []
        self._proofs: dict[Proof, tuple[Any, ...]] = {}
        self._findings: dict[int, tuple[int, Finding]] = {}
        self._known: set[int] = set()
        self._flush(create=True)

    def decide(self, keyed: Iterable[tuple[int, Asked]], plain: Collection[int], shared: Sequence[Shared]) -> None:
        """Decide every distinct month.

        Args:
            keyed: distinct months by key; read once.
            plain: keys of months that concern one practitioner only.
            shared: patients whose billers must be looked at together.
        """
        wanted = {key for patient in shared for _, key, _ in patient.bills}
        kept: dict[int, Asked] = {}
        for key, (month, asked) in keyed:
            if key in plain:
                self.plain[key] = self._add(month, self.deciders.proofs(month, asked))
            if key in wanted:
                kept[key] = (month, asked)
        for patient in shared:
            self._share(patient, kept)
        self._flush()

    def _share(self, patient: Shared, keyed: Mapping[int, Asked]) -> None:
        """Decide a patient whose billers must be looked at together; equal constellations once."""
        names = [name for _, _, name in patient.bills]
        relation = tuple(self.related(one, other) for one in names for other in names)
        lines = tuple(
            (names.index(line.practitioner) if line.practitioner in names else -1, line.code)
            for line in patient.proposed
        )
        group = (tuple(key for _, key, _ in patient.bills), relation, lines)
        if group not in self._groups:
            self._groups[group] = self._together(patient, keyed)
        self.special.update(zip((bill for bill, _, _ in patient.bills), self._groups[group], strict=True))

    def _together(self, patient: Shared, keyed: Mapping[int, Asked]) -> list[int]:
        months = [replace(keyed[key][0], biller=name) for _, key, name in patient.bills]
        asked = {code for _, key, _ in patient.bills for code in keyed[key][1]}
        decided = self.deciders.proofs_of_patient(months, self.related, sorted(asked), patient.proposed)
        sets = {month.biller: self._add(month, proofs) for month, proofs in decided}
        return [sets[name] for _, _, name in patient.bills]

    def _add(self, month: PatientMonth, proofs: Proofs) -> int:
        """The number of a month's set of verdicts; a new one is written down."""
        self.months += 1
        rows = tuple([(code, proof, *self._price(month, code, proof)) for code, proof in proofs.items()])
        number = self._sets.get(rows)
        if number is None:
            number = self._sets[rows] = len(self._sets)
            self._rows += [self._row(number, *row) for row in rows]
            if len(self._rows) >= FLUSH:
                self._flush()
        return number

    def _row(self, number: int, code: str, proof: Proof, allowed: int | None, share: int | None) -> tuple[Any, ...]:
        verdict, units, *further = self._proofs.get(proof) or self._proved(proof)
        return (number, code, verdict, units, allowed, share, *further)

    def _proved(self, proof: Proof) -> tuple[Any, ...]:
        """The columns of a verdict that its proof gives; the proof and its findings are written down when they are new."""
        known = self._findings
        numbers = [(known.get(id(found)) or self._found(found))[0] for found in proof.findings]
        number = _hashed(numbers)
        if number not in self._known:
            self._known.add(number)
            self._proof_rows.append((number, numbers))
        clock, target = (proof.reach.clock, proof.reach.target_s) if proof.reach else (None, None)
        made = self._proofs[proof] = (
            proof.verdict, billed_units(proof), number, blocked_by(proof.findings), clock, target, proof.next_step
        )  # fmt: skip
        return made

    def _found(self, found: Finding) -> tuple[int, Finding]:
        row = (found.rule, found.outcome, found.says, " ".join(found.uses), " ".join(found.cite), found.next_step)
        number = _hashed(row)
        if number not in self._known:
            self._known.add(number)
            self._finding_rows.append((number, *row))
        made = self._findings[id(found)] = (number, found)
        return made

    def _flush(self, *, create: bool = False) -> None:
        self._append("verdict_rows", self._rows, VERDICT_COLUMNS, create)
        self._append("proof_rows", self._proof_rows, PROOF_COLUMNS, create)
        self._append("finding_rows", self._finding_rows, FINDING_COLUMNS, create)
        self._rows, self._proof_rows, self._finding_rows = [], [], []

    def _append(self, name: str, rows: list[tuple[Any, ...]], schema: pa.Schema, create: bool) -> None:
        if rows or create:
            self.con.register("incoming", _table(rows, schema))
            self.con.execute(
                f"{f'CREATE TEMP TABLE {name} AS' if create else f'INSERT INTO {name}'} SELECT * FROM incoming"
            )
            self.con.unregister("incoming")

    def _price(self, month: PatientMonth, code: str, proof: Proof) -> tuple[int | None, int | None]:
        if proof.verdict != "bill":
            return None, None
        pricer = self.deciders.pricer(self.deciders.payer_of(month))
        price = pricer.price(month, code, proof.units, service_date(month))
        return price.allowed_cents, price.patient_share_cents


def _hashed(content: object) -> int:
    """A number of 63 bits that stands for a content in every close."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest()) >> 1


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


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)], schema=schema)
