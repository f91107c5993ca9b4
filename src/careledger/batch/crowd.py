"""Decides the distinct months of a close together.

A month's decision falls into parts that look at few facts: which codes are touched, what each passage of rules finds, what
the verdicts make of each other, what a line pays. Each part is answered by the engine once for every combination of its
facts that occurs, whatever else the months hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from careledger.batch.columns import Column, MonthColumns, grouped, numbered
from careledger.batch.deciders import Deciders
from careledger.engine.decide import Engine
from careledger.engine.judge import Found, Passage, Plan, Proof
from careledger.engine.touched import is_used
from careledger.engine.worth import service_date

if TYPE_CHECKING:
    from careledger.batch.columns import Numbers

UNKNOWN = -1
"""Stands for an amount that is not known."""

_TOUCHING = ("setting", "payer_kind", "extra_planning", "devices", "discharges", "behavioral", "asked", "elects", "residence", "agencies")  # fmt: skip
_PAYING = ("payer", "setting", "biller_kind", "locality", "qmb", "died", "days_alive")
_CHOOSING = ("elects", "prefers", "billed")
_CLOCKS = ("ccm.staff_s", "pcm.staff_s", "cpo.own_s", "rpm.team_s")
"""Facts beside verdicts and prices that the choice of codes looks at."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof for each of some rows: its number among the proofs that occur."""

    column: Column
    proofs: list[Proof]


@dataclass(frozen=True, slots=True)
class Lines:
    """What was decided of one code in some months.

    Attributes:
        rows: the months.
        proven: a proof for each of them.
        allowed_cents: what is allowed, ``UNKNOWN`` where nothing is billed or no amount is known.
        share_cents: what the patient owes of it, likewise.
    """

    code: str
    rows: Numbers
    proven: Proven
    allowed_cents: Numbers
    share_cents: Numbers


@dataclass(frozen=True, slots=True)
class _Passed:
    """What a passage finds in each of some rows."""

    column: Column
    found: list[Found]


class Crowd:
    """The distinct months of a close, decided together."""

    def __init__(self, deciders: Deciders, months: MonthColumns) -> None:
        self.deciders, self.months = deciders, months
        self._paid_alike = months.told(_PAYING, lambda row: self._paid_by(row))

    def lines(self) -> Iterator[Lines]:
        """Every code of every month, code by code, for months of one payer with the same codes at a time."""
        months = self.months

        def scope(row: int) -> tuple[str, tuple[str, ...]]:
            month = months.month(row)
            payer = self.deciders.payer_of(month)
            return payer, self.deciders.engine(payer).codes_of(month, months.asked(row))

        used = months.told(
            ("programs",),
            lambda row: tuple(name for name, program in months.month(row).programs.items() if is_used(program)),
        )
        column = months.told(("payer", "plan", used, *_TOUCHING), scope)
        groups = grouped([column], months.count)
        for first, rows in zip(groups.firsts.tolist(), groups.rows(), strict=True):
            payer, codes = scope(first)
            yield from _Together(self, self.deciders.engine(payer), codes, rows).lines()

    def price(self, row: int, code: str, units: int) -> tuple[int, int]:
        """What a row's payer allows for a line, and what the patient owes of it."""
        month = self.months.month(row)
        price = self.deciders.pricer(self.deciders.payer_of(month)).price(month, code, units, service_date(month))
        found = (price.allowed_cents, price.patient_share_cents)
        return tuple(UNKNOWN if cents is None else cents for cents in found)  # type: ignore[return-value]

    def paid_alike(self, rows: Numbers) -> Column:
        """Rows whose lines pay the same."""
        return self._paid_alike.of(rows)

    def _paid_by(self, row: int) -> tuple[object, ...]:
        month = self.months.month(row)
        return (month.payer, month.setting, month.biller_kind, month.locality, month.qmb, service_date(month))


class _Together:
    """Months of one payer with the same codes to decide."""

    def __init__(self, crowd: Crowd, engine: Engine, codes: tuple[str, ...], rows: Numbers) -> None:
        self.crowd, self.months, self.engine, self.codes, self.rows = crowd, crowd.months, engine, codes, rows
        self._passed: dict[int, _Passed] = {}

    def lines(self) -> Iterator[Lines]:
        if not self.codes:
            return
        judge = self.engine.judge
        plan = judge.plan(self.months.month(int(self.rows[0])).month, self.codes)
        met = {code: self._proven(plan, passages) for code, passages in plan.codes.items()}
        for code, proven in self._settled(met).items():
            allowed, share = self._priced(code, proven)
            yield Lines(code, self.rows, proven, allowed, share)

    def _proven(self, plan: Plan, passages: tuple[Passage, ...]) -> Proven:
        """A code's proofs by its own requirements."""
        parts: list[_Passed] = []
        for passage in passages:
            parts.append(self._passed.get(passage.place) or self._pass(plan, passage))
            if parts[-1].found[0].ends:  # whether a code exists is the same for all
                break
        groups = grouped([part.column for part in parts], len(self.rows))
        found = [[part.found[number] for number in part.column.numbers[groups.firsts].tolist()] for part in parts]
        return Proven(groups.column, [self.engine.judge.proof_of(passed) for passed in zip(*found, strict=True)])

    def _pass(self, plan: Plan, passage: Passage) -> _Passed:
        groups = grouped([self.months.fact(name).of(self.rows) for name in passage.reads], len(self.rows))
        found = [
            self.engine.judge.found(self.months.month(row), plan, passage) for row in self.rows[groups.firsts].tolist()
        ]
        numbers, count = numbered(found)
        made = _Passed(Column(numbers[groups.column.numbers], count), list(dict.fromkeys(found)))
        self._passed[passage.place] = made
        return made

    def _settled(self, met: Mapping[str, Proven]) -> dict[str, Proven]:
        """Proofs once it is known which codes stand without a base, and which are chosen."""
        verdicts = [_spread(proven, [_verdict(proof) for proof in proven.proofs]) for proven in met.values()]
        further = [self.months.told((name,), lambda row, name=name: getattr(self.months.month(row), name)) for name in _CHOOSING]  # type: ignore[misc]  # fmt: skip
        further += [self.months.fact(name) for name in _CLOCKS]
        groups = grouped(
            [*verdicts, self.crowd.paid_alike(self.rows), *(column.of(self.rows) for column in further)], len(self.rows)
        )
        extras = []
        for first in groups.firsts.tolist():
            proofs = {code: proven.proofs[proven.column.numbers[first]] for code, proven in met.items()}
            extras.append(self.engine.settled(self.months.month(int(self.rows[first])), proofs)[0])
        return {code: self._with(proven, groups.column, [extra.get(code) for extra in extras]) for code, proven in met.items()}  # fmt: skip

    def _with(self, proven: Proven, column: Column, extras: list[object]) -> Proven:
        """A code's proofs with what else stands against it."""
        if not any(extras):
            return proven
        ids, count = numbered(id(extra) for extra in extras)
        extra_of = dict(zip(ids.tolist(), extras, strict=True))
        added = Column(ids[column.numbers], count)
        groups = grouped([proven.column, added], len(self.rows))
        proofs = []
        for row in groups.firsts.tolist():
            proof, extra = proven.proofs[proven.column.numbers[row]], extra_of[int(added.numbers[row])]
            proofs.append(proof if extra is None else self.engine.judge.with_finding(proof, extra))
        return Proven(groups.column, proofs)

    def _priced(self, code: str, proven: Proven) -> tuple[Numbers, Numbers]:
        allowed, share = (np.full(len(self.rows), UNKNOWN, np.int64) for _ in range(2))
        units = np.array([proof.units if proof.verdict == "bill" else UNKNOWN for proof in proven.proofs], np.int64)
        units = units[proven.column.numbers]
        billed = np.flatnonzero(units != UNKNOWN)
        if len(billed):
            of_units = Column(units[billed], int(units.max()) + 1)
            groups = grouped([of_units, self.crowd.paid_alike(self.rows[billed])], len(billed))
            prices = np.array(
                [
                    self.crowd.price(int(self.rows[billed[first]]), code, int(of_units.numbers[first]))
                    for first in groups.firsts.tolist()
                ],
                np.int64,
            )[groups.column.numbers]
            allowed[billed], share[billed] = prices[:, 0], prices[:, 1]
        return allowed, share


def _verdict(proof: Proof) -> tuple[str, int]:
    """What of a proof the choice looks at."""
    return proof.verdict, proof.units if proof.verdict == "bill" else 0


def _spread(proven: Proven, values: list[tuple[str, int]]) -> Column:
    numbers, count = numbered(values)
    return Column(numbers[proven.column.numbers], count)
