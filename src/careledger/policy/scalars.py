"""What an unquoted YAML 1.2 word means: nothing, true or false, a number, a day of the calendar, or text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMBER_START = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 18


def plain(text: str) -> Any:
    """An unquoted YAML 1.2 scalar (core schema, and ISO days as dates); ValueError when it is out of range."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] in _NUMBER_START:
        return _number_or_date(text)
    return text


def _number_or_date(text: str) -> Any:
    for pattern, make in _NUMERIC:
        if pattern.fullmatch(text):
            return make(text)
    return text


def _integer(base: int) -> Callable[[str], int]:
    def make(text: str) -> int:
        if len(text) > _MAX_DIGITS + 2:
            raise ValueError("a number with too many digits; put an identifier in quotes")
        return int(text, base)

    return make


def _float(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number out of range; write a finite number")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date that is not in the calendar; write YYYY-MM-DD") from None


_NUMERIC: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_INTEGER, _integer(10)),
    (_DATE, _day),
    (_FLOAT, _float),
    (_OCTAL, lambda text: _integer(8)(text[2:])),
    (_HEX, lambda text: _integer(16)(text[2:])),
    (_NOT_FINITE, lambda text: _float(text.replace(".", "").lower())),
)
