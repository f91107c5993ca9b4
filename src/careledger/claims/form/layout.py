"""Where each item of the form stands: print line 1-66, column 1-80, at ten characters and six lines to the inch."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

LINES, COLUMNS = 66, 80
LINES_PER_FORM = 6
DIAGNOSIS_LETTERS = "ABCDEFGHIJKL"


@dataclass(frozen=True, slots=True)
class Field:
    """One place on the form.

    Attributes:
        name: item number of the form and our word for the part, such as ``24.1.code``.
        line, column: of the first character, counted from 1.
        width: characters that fit.
        kind: text, number, money (set to the right), date, x (a cross) or mark (printer alignment).
    """

    name: str
    line: int
    column: int
    width: int
    kind: str


@cache
def layout() -> dict[str, Field]:
    """Every place of the form by name."""
    with resources.files(__package__).joinpath("layout.csv").open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream)
        fields = (
            Field(row["field"], int(row["line"]), int(row["column"]), int(row["width"]), row["kind"]) for row in rows
        )
        return {field.name: field for field in fields}
