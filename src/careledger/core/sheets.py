"""Cells and names of files that people open in a spreadsheet."""

from __future__ import annotations

import re

_STARTS_A_FORMULA = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def guarded(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    runs = cell.lstrip().startswith(_STARTS_A_FORMULA) or cell.startswith(("\t", "\r"))
    return f"'{cell}" if runs else cell


def harmless(name: str) -> str:
    """A file name of plain signs only: it ends no header, leaves no folder and names no device."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "file"
