"""The log as a CSV file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv writes to: it hands the line straight back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The rows as lines of CSV; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])


def guarded(cell: str) -> str:
    """A cell that is text and nothing else."""
    return f"'{cell}" if cell.lstrip().startswith(_STARTS_A_FORMULA) or cell.startswith(("\t", "\r")) else cell
