"""The best set of codes among those that may lawfully stand together.

A code that meets its own requirements may still exclude another: one track of CCM for a month, CCM or oversight by one
practitioner. Every largest set without such a pair is a lawful alternative. Among them the practice's election decides,
then who worked (a month the practitioner worked alone is own time before it is staff time), then the amount, then the
registry's order. Amounts never make a code billable: they only choose among truthful sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from careledger.core.decision import CodeSet, Finding
from careledger.core.money import dollars
from careledger.core.patient_month import PatientMonth
from careledger.engine.money import Price, price
from careledger.policy.view import PolicyView

MEDICARE = "medicare_ffs"
Units = Mapping[str, int]
Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two codes that cannot stand together, and why."""

    one: str
    other: str
    says: str
    uses: tuple[str, ...]
    cite: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen codes, the other sets, and the reason each code that was met was left out."""

    chosen: Codes
    left_out: Mapping[str, Finding]
    alternatives: tuple[CodeSet, ...]
    warnings: tuple[Finding, ...]


class Chooser:
    """Chooses under one view; equal questions are answered once."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._choices: dict[object, Choice] = {}
        self._prices: dict[object, Price] = {}
        self._pairs: dict[tuple[str, str], Pair | None] = {}

    def choose(self, month: PatientMonth, units: Units, elects: Codes) -> Choice:
        """The best lawful set of the codes that met their requirements, with their units."""
        money_facts = (month.setting, month.biller_kind, month.locality, month.payer, month.qmb, service_date(month))
        key = (tuple(units.items()), elects, money_facts, _worked_alone(month))
        if key not in self._choices:
            self._choices[key] = self._choose(month, units, elects)
        return self._choices[key]

    def price(self, month: PatientMonth, code: str, units: int, on: date | None = None) -> Price:
        """What the payer allows for the line, or why that is not known."""
        return self._price(month, code, units, on or service_date(month), month.payer)

    def pair(self, one: str, other: str) -> Pair | None:
        """Why two codes by one practitioner cannot stand in one month; None when they can."""
        if (one, other) not in self._pairs:
            self._pairs[one, other] = self._excluding(one, other)
        return self._pairs[one, other]

    def _choose(self, month: PatientMonth, units: Units, elects: Codes) -> Choice:
        bundles = self._bundles(units)
        sets = [tuple(code for bundle in group for code in bundle) for group in _largest(bundles, self._excludes)]
        worth = {codes: self._worth(month, codes, units) for codes in sets}
        borrowed = {codes: self._borrows(month, codes, units) for codes in sets}
        ranked = sorted(sets, key=lambda codes: (-_elected(codes, elects), borrowed[codes], -(worth[codes] or 0)))
        chosen = ranked[0] if ranked else ()
        reasons = {codes: _reason(codes, chosen, elects, borrowed, worth) for codes in ranked[1:]}
        others = tuple(self._set(month, codes, units, reason) for codes, reason in reasons.items())
        left_out = {
            code: self._left_out(code, chosen, next(reasons[codes] for codes in reasons if code in codes))
            for code in units
            if code not in chosen
        }
        return Choice(
            chosen=chosen,
            left_out=left_out,
            alternatives=others + self._all_together(month, units, len(sets)),
            warnings=_unheeded(elects, units),
        )

    def _bundles(self, units: Units) -> list[Codes]:
        """Each base code with its add-ons; an add-on whose base is not here stands alone."""
        bundles: dict[str, list[str]] = {}
        for code in units:
            base = self.view.code(code).base_code
            bundles.setdefault(base if base is not None and base in units else code, []).append(code)
        return [tuple(codes) for codes in bundles.values()]

    def _excludes(self, one: Codes, other: Codes) -> bool:
        return any(self.pair(a, b) is not None for a in one for b in other)

    def _excluding(self, one: str, other: str) -> Pair | None:
        with self.view.reading() as reads:
            rows = self.view.conflicts(one, other, "self")
        for row, answer in rows:
            if row.per == "month" and answer.value == "no":
                uses = tuple(name for name, value in reads if value is answer)
                return Pair(one=one, other=other, says=row.says, uses=uses, cite=answer.cite)
        return None

    def _borrows(self, month: PatientMonth, codes: Codes, units: Units) -> bool:
        """Would the set call staff time what the practitioner alone worked, while the own-time code is earned too?"""
        kinds = [self.view.code(code) for code in units]
        earned = any(known.who == "own" and known.program == "ccm" for known in kinds)
        return earned and _worked_alone(month) and any(self.view.code(code).who == "staff" for code in codes)

    def _left_out(self, code: str, chosen: Codes, reason: str) -> Finding:
        pair = next((found for other in chosen if (found := self.pair(code, other)) is not None), None)
        assert pair is not None, "a set is largest, so a code left out excludes one of the chosen"
        return Finding(
            rule="engine.choice.one_of_two",
            outcome="unmet",
            says=f"{code} cannot be billed beside {pair.other}, which is taken ({pair.says}): {reason}",
            facts={"code": code, "beside": pair.other},
            uses=pair.uses,
            cite=pair.cite,
            next_step=f"to bill {code} instead of {pair.other}, elect it",
        )

    def _set(self, month: PatientMonth, codes: Codes, units: Units, why: str, *, lawful: bool = True) -> CodeSet:
        lines = [self._price(month, code, units[code], service_date(month), month.payer) for code in codes]
        return CodeSet(
            codes=tuple((code, units[code]) for code in codes),
            lawful=lawful,
            allowed_cents=_sum(line.allowed_cents for line in lines),
            patient_share_cents=_sum(line.patient_share_cents for line in lines),
            why_not_chosen=why,
        )

    def _all_together(self, month: PatientMonth, units: Units, sets: int) -> tuple[CodeSet, ...]:
        """Everything at once, shown as what it is when codes exclude each other: not lawful."""
        if sets < 2:
            return ()
        codes = tuple(units)
        pairs = (self.pair(one, other) for place, one in enumerate(codes) for other in codes[place + 1 :])
        reasons = dict.fromkeys(f"{pair.one} and {pair.other}: {pair.says}" for pair in pairs if pair is not None)
        return (self._set(month, codes, units, f"not lawful together ({'; '.join(reasons)})", lawful=False),)

    def _worth(self, month: PatientMonth, codes: Codes, units: Units) -> int | None:
        """What a set is worth by the payer's amounts, else by Medicare's as a yardstick, else not known."""
        on = service_date(month)
        for payer in dict.fromkeys((month.payer, MEDICARE)):
            total = _sum(self._price(month, code, units[code], on, payer).allowed_cents for code in codes)
            if total is not None:
                return total
        return None

    def _price(self, month: PatientMonth, code: str, units: int, on: date, payer: str) -> Price:
        key = (code, units, on, payer, month.setting, month.biller_kind, month.locality, month.qmb)
        if key not in self._prices:
            self._prices[key] = price(
                code,
                units,
                on,
                self.view if payer == month.payer and on == self.view.day else self.view.policy.on(on, payer),
                setting=month.setting,
                biller_kind=month.biller_kind,
                locality=month.locality,
                payer=payer,
                qmb=month.qmb,
            )
        return self._prices[key]


def service_date(month: PatientMonth) -> date:
    """The line's date when none is proposed: the last day of the month, or of the patient's life."""
    if month.died == "in_month":
        return month.month.first_on.replace(day=max(1, min(month.days_alive, month.month.days)))
    return month.month.last_on


def _largest(bundles: Sequence[Codes], excludes: Callable[[Codes, Codes], bool]) -> list[tuple[Codes, ...]]:
    """Every set of bundles without an excluding pair to which no further bundle can be added, in order."""
    found: list[tuple[Codes, ...]] = []

    def grow(kept: tuple[Codes, ...], rest: Sequence[Codes]) -> None:
        if not rest:
            if all(bundle in kept or any(excludes(bundle, other) for other in kept) for bundle in bundles):
                found.append(kept)
            return
        first, others = rest[0], rest[1:]
        if not any(excludes(first, other) for other in kept):
            grow((*kept, first), others)
            if not any(excludes(first, other) for other in others):
                return
        grow(kept, others)

    grow((), bundles)
    return found


def _elected(codes: Codes, elects: Codes) -> int:
    return sum(code in codes for code in elects)


def _worked_alone(month: PatientMonth) -> bool:
    return month.program("ccm").staff_s == 0


def _reason(
    codes: Codes, chosen: Codes, elects: Codes, borrowed: Mapping[Codes, bool], worth: Mapping[Codes, int | None]
) -> str:
    """Why a lawful set was not chosen."""
    if _elected(chosen, elects) > _elected(codes, elects):
        return "lawful; the practice elected " + " ".join(code for code in elects if code in chosen)
    if borrowed[codes] and not borrowed[chosen]:
        return "lawful; the practitioner worked alone, which the own-time code says"
    mine, best = worth[codes], worth[chosen]
    if mine is None or best is None:
        return "lawful; amounts are not known, so the first in the order of codes is taken"
    if mine == best:
        return "lawful and worth the same; the first in the order of codes is taken"
    return f"lawful; worth {dollars(best - mine)} less"


def _unheeded(elects: Codes, units: Units) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule="engine.choice.election",
            outcome="note",
            says=f"{code} was elected, but does not meet its requirements: an election chooses among lawful sets only",
            facts={"code": code},
        )
        for code in elects
        if code not in units
    )


def _sum(parts: Iterable[int | None]) -> int | None:
    """The sum, or None as soon as one part is not known."""
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total
