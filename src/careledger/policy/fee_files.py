"""Reads CMS's own fee files into a folder of fee facts that lies over the built-in ones.

CMS publishes relative values (``PPRRVU*.csv``) four times a year and geographic indices (``GPCI*.csv``) once. Both
start with title and copyright lines, and the heading of the first is spread over several rows, with columns that move
from year to year; columns are therefore found by their joined heading, and a file whose heading has changed is refused
by name of the column. Descriptions of codes are licensed text and are never copied.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from pathlib import Path

from careledger.core.codes import hcpcs_problem
from careledger.core.errors import InputError, Place
from careledger.policy.fees import Table

_QUARTER = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}
_TITLE = re.compile(r"\b(20\d\d)\b.*?\b(jan|apr|jul|oct)", re.IGNORECASE | re.DOTALL)
_FILE_NAME = re.compile(r"PPRRVU(?:20)?(\d\d)_?(jan|apr|jul|oct)", re.IGNORECASE)
_GPCI_YEAR = re.compile(r"\b(20\d\d)\b")
_NUMBER = re.compile(r"\d*\.?\d+|\d+\.")
_HEADING_ROWS = 5
_HEADING_CELLS = 6

Row = list[str]
Column = tuple[str, Callable[[str], bool]]
"""What a column is called in messages, and the test its joined heading must pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CmsFile:
    """What one CMS file says.

    Attributes:
        cells: code or locality to its values, as they are kept in the folder.
        names: locality to (state, name); empty for relative values.
        factor: the conversion factor of the file, if it carries one.
        for_apm: the file is the one for qualifying participants of an advanced payment model.
        skipped: rows of data left out: with a modifier, or without values.
        unreadable: lines of the file whose values are no numbers, which are left out too and must be told.
    """

    table: Table
    since: date
    cells: dict[str, str]
    file: str
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    factor: str | None = None
    for_apm: bool = False
    skipped: int = 0
    unreadable: tuple[int, ...] = ()

    @property
    def release(self) -> str:
        return f"{'rvu' if self.table == 'rvus' else 'gpci'}{self.since:%Y-%m}"


def read_cms_file(file: Path, since: date | None = None) -> CmsFile:
    """Read a PPRRVU or GPCI file as CMS publishes it in CSV.

    Args:
        file: the file.
        since: first day it holds; by default what its title or name says.

    Raises:
        InputError: the file is neither, or lacks a column.
    """
    rows = list(csv.reader(_text(file).splitlines()))
    for line, row in enumerate(rows):
        cells = [_plain(cell) for cell in row]
        if "HCPCS" in cells:
            return _relative_values(file, rows, line, since)
        if _is_heading(row) and any("LOCALITY" in cell for cell in cells) and any("GPCI" in cell for cell in cells):
            return _indices(file, rows, line, since)
    problem = "no heading of CMS's relative value or GPCI file was found"
    raise InputError(Place(file.name), problem, "give the PPRRVU or GPCI file in CSV, as it comes in CMS's ZIP")


def _relative_values(file: Path, rows: list[Row], line: int, since: date | None) -> CmsFile:
    at = _columns(_joined_heading(rows, line), _RVU_COLUMNS, Place(file.name, line + 1))
    cells: dict[str, str] = {}
    factors: Counter[str] = Counter()
    skipped = 0
    unreadable: list[int] = []
    for number, row in enumerate(rows[line + 1 :], line + 2):
        if len(row) <= at["factor"] or hcpcs_problem(row[at["code"]].strip()) is not None:
            continue
        cell = None if row[at["modifier"]].strip() else _rvu_cell(row, at)
        if cell is None and not row[at["modifier"]].strip() and any(_values(row, at)):
            unreadable.append(number)
            continue
        if cell is None:
            skipped += 1
            continue
        cells[row[at["code"]].strip()] = cell
        factors[row[at["factor"]].strip()] += 1
    _refuse_empty(cells, file)
    return CmsFile(
        table="rvus",
        since=since or _quarter(file, rows[:line]),
        cells=cells,
        file=file.name,
        factor=_main_factor(factors),
        for_apm="qpp" in file.name.lower() and "nonqpp" not in file.name.lower(),
        skipped=skipped,
        unreadable=tuple(unreadable),
    )


def _rvu_cell(row: Row, at: dict[str, int]) -> str | None:
    """Status and values as they are kept, ``na`` where the facility column does not apply; None without values."""
    values = _values(row, at)
    if not all(_NUMBER.fullmatch(value) for value in values):
        return None
    if row[at["facility"] + 1].strip().upper() == "NA":
        values[2] = "na"
    return " ".join([row[at["status"]].strip() or "?", *values])


def _values(row: Row, at: dict[str, int]) -> list[str]:
    return [row[at[name]].strip() for name in ("work", "practice", "facility", "malpractice")]


def _indices(file: Path, rows: list[Row], line: int, since: date | None) -> CmsFile:
    heading = [_plain(cell) for cell in rows[line]]
    at = _columns(heading, _GPCI_COLUMNS, Place(file.name, line + 1))
    state = heading.index("STATE") if "STATE" in heading else None
    cells: dict[str, str] = {}
    names: dict[str, tuple[str, str]] = {}
    unreadable: list[int] = []
    for number, row in enumerate(rows[line + 1 :], line + 2):
        values = [row[at[name]].strip() for name in _INDEX_NAMES] if len(row) > max(at.values()) else []
        if not values or not row[at["locality"]].strip().isdigit():
            continue
        if not all(map(_NUMBER.fullmatch, values)):
            unreadable.append(number)
            continue
        key = f"{row[at['mac']].strip().zfill(5)}-{row[at['locality']].strip().zfill(2)}"
        cells[key] = " ".join(values)
        names[key] = ("" if state is None else row[state].strip(), row[at["name"]].strip().rstrip("*").title())
    _refuse_empty(cells, file)
    day = since or _year(file, rows[: line + 1])
    return CmsFile(table="gpci", since=day, cells=cells, names=names, file=file.name, unreadable=tuple(unreadable))


_RVU_COLUMNS: Mapping[str, Column] = {
    "code": ("HCPCS", lambda name: name.endswith("HCPCS")),
    "modifier": ("MOD", lambda name: name.split()[-1] == "MOD"),
    "status": ("STATUS CODE", lambda name: "STATUS" in name),
    "work": ("WORK RVU", lambda name: "WORK" in name and name.endswith("RVU")),
    "practice": ("NON-FAC PE RVU", lambda name: "NON-FAC" in name and name.endswith("PE RVU")),
    "facility": ("FACILITY PE RVU", lambda name: "FACILITY" in name and "NON" not in name and name.endswith("PE RVU")),
    "malpractice": ("MP RVU", lambda name: name.endswith("MP RVU")),
    "factor": ("CONV FACTOR", lambda name: "CONV" in name and name.endswith("FACTOR")),
}
_INDEX_NAMES = ("work", "practice", "malpractice")
_GPCI_COLUMNS: Mapping[str, Column] = {
    "mac": ("MEDICARE ADMINISTRATIVE CONTRACTOR", lambda name: "CONTRACTOR" in name or name in ("MAC", "CARRIER")),
    "locality": ("LOCALITY NUMBER", lambda name: name in ("LOCALITY NUMBER", "LOCALITY")),
    "name": ("LOCALITY NAME", lambda name: name == "LOCALITY NAME"),
    "work": ("PW GPCI", lambda name: ("PW GPCI" in name or "WORK GPCI" in name) and "WITHOUT" not in name),
    "practice": ("PE GPCI", lambda name: "PE GPCI" in name),
    "malpractice": ("MP GPCI", lambda name: "MP GPCI" in name),
}


def _columns(names: Sequence[str], wanted: Mapping[str, Column], place: Place) -> dict[str, int]:
    """Where each wanted column stands: the first whose heading fits."""
    found = {}
    for key, (title, fits) in wanted.items():
        at = next((column for column, name in enumerate(names) if name and fits(name)), None)
        if at is None:
            mend = "give CMS's file unchanged, or report that its heading has changed"
            raise InputError(place, f"the column {title} was not found", mend)
        found[key] = at
    return found


def _joined_heading(rows: list[Row], line: int) -> list[str]:
    """Headings of columns, each read downwards over the rows of the heading; title rows are left out."""
    above = [row for row in rows[max(0, line - _HEADING_ROWS) : line] if _is_heading(row)]
    columns = zip_longest(*above, rows[line], fillvalue="")
    return [" ".join(part for part in map(_plain, column) if part) for column in columns]


def _is_heading(row: Row) -> bool:
    return sum(1 for cell in row if cell.strip()) >= _HEADING_CELLS


def _quarter(file: Path, titles: list[Row]) -> date:
    found = _FILE_NAME.search(file.name) or _TITLE.search("\n".join(" ".join(row) for row in titles))
    if found is None:
        problem = "neither its title nor its name says from when it holds"
        raise InputError(Place(file.name), problem, "add --from YYYY-MM-DD")
    return date(2000 + int(found[1]) % 100, _QUARTER[found[2].lower()], 1)


def _year(file: Path, titles: list[Row]) -> date:
    found = _GPCI_YEAR.search("\n".join(" ".join(row) for row in reversed(titles))) or _GPCI_YEAR.search(file.stem)
    if found is None:
        raise InputError(Place(file.name), "neither its title nor its name has a year", "add --from YYYY-01-01")
    return date(int(found[1]), 1, 1)


def _main_factor(factors: Counter[str]) -> str | None:
    """The conversion factor of nearly all rows; anesthesia has its own and zero stands where none applies."""
    ranked = [value for value, _ in factors.most_common() if _NUMBER.fullmatch(value) and float(value) > 0]
    return ranked[0] if ranked else None


def _refuse_empty(cells: dict[str, str], file: Path) -> None:
    if not cells:
        raise InputError(Place(file.name), "no row of values follows the heading", "give CMS's file unchanged")


def _plain(cell: str) -> str:
    return " ".join(cell.upper().replace("NONFAC", "NON-FAC").split())


def _text(file: Path) -> str:
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
