"""Pairs of codes that one practitioner cannot bill for one patient's month, and the largest sets without such a pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView

Codes = tuple[str, ...]
SHARED_CLOCK = ("G0181", "G0182", "99374", "99375", "99377", "99378", "99379", "99380")
"""Codes earned by the practitioner's oversight minutes, of which each may earn one code only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two codes that cannot stand together, and why."""

    one: str
    other: str
    says: str
    uses: tuple[str, ...]
    cite: tuple[str, ...]


Pairs = Mapping[tuple[str, str], Pair]


class PairTable:
    """The pair table under one view, asked for one practitioner's own codes."""

    def __init__(self, view: PolicyView) -> None:
        self.view = view
        self._known: dict[tuple[str, str], Pair | None] = {}

    def excluding(self, month: PatientMonth, codes: Sequence[str]) -> Pairs:
        """Every excluding pair among the codes, in both orders."""
        found: dict[tuple[str, str], Pair] = {}
        for one, other in combinations(codes, 2):
            if pair := self._pair(one, other) or self._sharing(month, one, other) or self._reviewing(month, one, other):
                found[one, other] = pair
                found[other, one] = Pair(one=other, other=one, says=pair.says, uses=pair.uses, cite=pair.cite)
        return found

    def _pair(self, one: str, other: str) -> Pair | None:
        if (one, other) not in self._known:
            self._known[one, other] = self._looked_up(one, other)
        return self._known[one, other]

    def _looked_up(self, one: str, other: str) -> Pair | None:
        for row, answer in self.view.conflicts(one, other, "self"):
            if row.per == "month" and answer.value == "no":
                return Pair(one=one, other=other, says=row.says, uses=(answer.id,), cite=answer.cite)
        return None

    def _sharing(self, month: PatientMonth, one: str, other: str) -> Pair | None:
        """Two oversight codes need the minutes of both, since no minute is used twice."""
        if one not in SHARED_CLOCK or other not in SHARED_CLOCK:
            return None
        if month.program("cpo").own_s >= (self._minutes(one) + self._minutes(other)) * 60:
            return None
        rule = self.view.value("ccm.time_rules.minute_used_twice")
        says = "the month's minutes do not suffice for both, and no minute is used twice"
        return Pair(one=one, other=other, says=says, uses=(rule.id,), cite=rule.cite)

    def _reviewing(self, month: PatientMonth, one: str, other: str) -> Pair | None:
        """Data review and the monitoring time of the month need the minutes of both, since no minute is used twice."""
        review = self.view.peek("rpm.data_review.code")
        if review is None or review.value not in (one, other):
            return None
        needed = self._monitoring_minutes(month, other if one == review.value else one)
        minutes = self.view.number("rpm.data_review.first_unit_minutes")
        if needed is None or month.program("rpm").team_s >= (minutes + needed) * 60:
            return None
        rule = self.view.value("rpm.time_rules.minute_used_twice")
        says = "the month's minutes do not suffice for both, and no minute is used twice"
        return Pair(one=one, other=other, says=says, uses=(rule.id,), cite=rule.cite)

    def _monitoring_minutes(self, month: PatientMonth, code: str) -> int | None:
        """Minutes that a monitoring code takes of the month's, its base's included; None for every other code."""
        topic = "rpm.treatment_time"
        codes = {name: self.view.peek(f"{topic}.{name}_code") for name in ("base", "short", "add_on")}
        kind = next((name for name, found in codes.items() if found is not None and found.value == code), None)
        if kind is None:
            return None
        if kind == "short":
            return self.view.number(f"{topic}.short_minutes")
        first = self.view.number(f"{topic}.first_unit_minutes")
        if kind == "base":
            return first
        each, limit = (self.view.number(f"{topic}.{name}") for name in ("add_on_minutes", "add_on_limit"))
        return first + each * min(limit, (month.program("rpm").team_s // 60 - first) // each)

    def _minutes(self, code: str) -> int:
        if code in self.view.words("cpo.cpt.low_codes"):
            return self.view.number("cpo.cpt.minutes_low")
        if code in self.view.words("cpo.cpt.high_codes"):
            return self.view.number("cpo.cpt.minutes_high")
        return self.view.number("cpo.time.first_unit_minutes")


def largest_sets(bundles: Sequence[Codes], excludes: Callable[[Codes, Codes], bool]) -> list[Codes]:
    """Every set of bundles without an excluding pair to which no further bundle can be added, in order, as codes."""
    found: list[Codes] = []

    def grow(kept: tuple[Codes, ...], rest: Sequence[Codes]) -> None:
        if not rest:
            if all(bundle in kept or any(excludes(bundle, other) for other in kept) for bundle in bundles):
                found.append(tuple(code for bundle in kept for code in bundle))
            return
        first, others = rest[0], rest[1:]
        if not any(excludes(first, other) for other in kept):
            grow((*kept, first), others)
            if not any(excludes(first, other) for other in others):
                return
        grow(kept, others)

    grow((), bundles)
    return found
