"""Cells and names of files that people open in a spreadsheet, and the one writer of their rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Any, Protocol

_STARTS_A_FORMULA = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class _Target(Protocol):
    def write(self, text: str, /) -> Any: ...


class Sheet:
    """Writes CSV for people: no cell of it is run by the spreadsheet that opens it.

    Whatever is read back as it lies (the folders of tables) is no sheet and is written by ``csv`` itself. Lines end as
    RFC 4180 says, in CR LF: with LF alone ``csv`` would leave a cell that holds a CR unquoted, and it would end the line.
    """

    def __init__(self, target: _Target, *, delimiter: str = ",") -> None:
        self._writer = csv.writer(target, delimiter=delimiter)

    def row(self, cells: Iterable[object]) -> Any:
        """Write a row, None as an empty cell; gives what the target's ``write`` gave."""
        return self._writer.writerow(["" if cell is None else guarded(cell) for cell in cells])

    def rows(self, rows: Iterable[Iterable[object]]) -> int:
        """Write rows; gives their number."""
        count = 0
        for cells in rows:
            self.row(cells)
            count += 1
        return count


def guarded(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    runs = cell.lstrip().startswith(_STARTS_A_FORMULA) or cell.startswith(("\t", "\r"))
    return f"'{cell}" if runs else cell


def harmless(name: str) -> str:
    """A file name of plain signs only: it ends no header, leaves no folder and names no device."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "file"
