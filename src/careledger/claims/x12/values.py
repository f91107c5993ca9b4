"""Elements as values: days, cents, quantities. What cannot be read is None; the grammar says what is wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from careledger.core.money import to_cents

YEARS = range(1900, 2200)
"""Years a day of a claim may lie in; every other is a slip of the pen, and no month of ours."""


@lru_cache(maxsize=10_000)
def day(text: str) -> date | None:
    """A day written CCYYMMDD."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if int(text[:4]) in YEARS else None
    except ValueError:
        return None


def days(format_: str, text: str) -> tuple[date | None, date | None]:
    """First and last day of a date element in format D8 or RD8."""
    if format_ == "RD8":
        first, _, last = text.partition("-")
        return day(first), day(last)
    one = day(text)
    return one, one


@lru_cache(maxsize=10_000)
def number(text: str) -> Decimal | None:
    """A decimal number."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**18 else None


@lru_cache(maxsize=10_000)
def cents(text: str) -> int | None:
    """An amount of dollars as cents."""
    found = number(text)
    return None if found is None else to_cents(found)
