"""A goal's target: its words and its numbers are one thing, so that what people read is what readings are held against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

DIRECTIONS = (("at_most", "at most"), ("at_least", "at least"), ("between", "between"))
_WORDS = dict(DIRECTIONS)
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_BETWEEN = re.compile(rf"^between {_NUMBER} and {_NUMBER}\s*(.*)$", re.IGNORECASE)
_ONE_SIDED = re.compile(rf"^(at most|at least|under|below|over|above|<=?|>=?|≤|≥)?\s*{_NUMBER}\s*(.*)$", re.IGNORECASE)
_DOWN = {"at most", "under", "below", "<", "<=", "≤"}


@dataclass(frozen=True, slots=True)
class Target:
    """A value to reach.

    Attributes:
        direction: at_most, at_least or between.
        value: the limit; of ``between`` the lower one.
        high: the upper limit of ``between``.
    """

    direction: str
    value: Decimal
    unit: str = ""
    high: Decimal | None = None

    def __str__(self) -> str:
        """``at most 130 mmHg``, ``between 0.4 and 4.0 mIU/L``."""
        number = f"{self.value}" if self.high is None else f"{self.value} and {self.high}"
        return f"{_WORDS[self.direction]} {number} {self.unit}".strip()

    def is_met_by(self, value: Decimal) -> bool:
        """Does a reading reach it?"""
        if self.direction == "between":
            return self.high is not None and self.value <= value <= self.high
        return value <= self.value if self.direction == "at_most" else value >= self.value

    def distance(self, value: Decimal) -> Decimal:
        """How far a reading is from the target; 0 when it is met."""
        if self.is_met_by(value):
            return Decimal(0)
        limits = [self.value] if self.high is None else [self.value, self.high]
        return min(abs(value - limit) for limit in limits)


def make_target(direction: str, value: str, unit: str, high: str = "") -> Target | None:
    """A target from typed parts; None when they make none."""
    low, top = number_of(value), number_of(high)
    if direction not in _WORDS or low is None or (direction == "between" and (top is None or top < low)):
        return None
    return Target(direction, low, unit.strip(), top if direction == "between" else None)


def read_target(words: str | None) -> Target | None:
    """The target that words state, our own or another system's; None for words without a number at their head."""
    text = (words or "").strip()
    if found := _BETWEEN.match(text):
        low, high, unit = found.groups()
        return make_target("between", low, unit, high)
    if found := _ONE_SIDED.match(text):
        sign, value, unit = found.groups()
        return make_target("at_most" if (sign or "").lower() in _DOWN else "at_least", value, unit)
    return None


def number_of(text: str | None) -> Decimal | None:
    """A typed number, with point or comma; None for anything else."""
    try:
        number = Decimal((text or "").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 1_000_000 else None
