"""Segments as text: how values become elements, and how segments are counted while they stream out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TextIO

ELEMENT, COMPONENT, REPETITION, TERMINATOR = "*", ":", "^", "~"

_SPACED = {ord(sign): " " for sign in ELEMENT + COMPONENT + REPETITION + TERMINATOR}
_SPACED.update(dict.fromkeys((*range(32), 127), " "))


def text(value: str, limit: int = 80) -> str:
    """A value that can stand in an element: no delimiter, no control character, ASCII, no space at its ends."""
    if not value:
        return ""
    kept = value.translate(_SPACED)
    if not kept.isascii():
        kept = kept.encode("ascii", "replace").decode("ascii")
    return kept.strip()[:limit].rstrip()


def amount(cents: int) -> str:
    """Dollars with at most two decimals and no trailing zero, such as ``110``, ``62.16`` or ``-0.5``."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if rest == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{rest:02d}".rstrip("0")


def quantity(value: Decimal) -> str:
    """A quantity without exponent or trailing zeros."""
    return f"{value.normalize():f}"


def day(value: date | None) -> str:
    """A day as CCYYMMDD."""
    return "" if value is None else f"{value.year:04d}{value.month:02d}{value.day:02d}"


def composite(*parts: str) -> str:
    """Components of one element, without empty ones at its end."""
    return COMPONENT.join(parts).rstrip(COMPONENT)


class SegmentWriter:
    """Writes segments to a stream as they come, and counts them."""

    def __init__(self, stream: TextIO, line_end: str = "\n") -> None:
        self._write = stream.write
        self._end = TERMINATOR + line_end
        self.count = 0

    def put(self, *elements: str) -> None:
        """One segment; empty elements at its end are left out."""
        self._write(ELEMENT.join(elements).rstrip(ELEMENT) + self._end)
        self.count += 1

    def interchange_header(self, sender: str, receiver: str, at: datetime, control: int, is_test: bool) -> None:
        """ISA, the one segment of fixed width."""
        self._write(
            ELEMENT.join(
                (
                    "ISA",
                    "00",
                    " " * 10,
                    "00",
                    " " * 10,
                    "ZZ",
                    f"{text(sender, 15):<15}",
                    "ZZ",
                    f"{text(receiver, 15):<15}",
                    at.strftime("%y%m%d"),
                    at.strftime("%H%M"),
                    REPETITION,
                    "00501",
                    f"{control:09d}",
                    "0",
                    "T" if is_test else "P",
                    COMPONENT,
                )
            )
            + self._end
        )
        self.count += 1
