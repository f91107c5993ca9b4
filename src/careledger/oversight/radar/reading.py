"""Claims of any system as lines: CSV of many shapes, 837P, or a folder of our own tables.

Nothing is dropped. A cell that cannot be read leaves its line in the file with that cell empty; the line is counted, told
of by line number, and the questions that need the cell are not asked of it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careledger.core.errors import InputError, Place
from careledger.policy.strict_yaml import load

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MARKS = re.compile(r"[^a-z0-9]+")
_DATE_SHAPES = ("%Y%m%d", "%m/%d/%Y", "%d-%b-%Y", "%m/%d/%y")
LINE_COLUMNS = (
    ("row_no", "BIGINT"), ("claim_id", "VARCHAR"), ("line_no", "VARCHAR"), ("patient_id", "VARCHAR"),
    ("practitioner", "VARCHAR"), ("practice", "VARCHAR"), ("specialty", "VARCHAR"), ("code", "VARCHAR"),
    ("modifiers", "VARCHAR"), ("on_day", "DATE"), ("units", "BIGINT"), ("charged_cents", "BIGINT"),
    ("paid_cents", "BIGINT"), ("died_on", "DATE"), ("is_void", "BOOLEAN"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the file that could not be used as it stands: how often, where first, and what was done about it."""

    field: str
    count: int
    problem: str
    treated: str
    first_rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f" (first in line {', '.join(map(str, self.first_rows))})" if self.first_rows else ""
        return f"{self.field}: {self.count:,} {self.problem}{where}; {self.treated}"


@dataclass(slots=True)
class ClaimsRead:
    """What was read: lines, the columns taken for ours, and every fault."""

    source: str
    lines: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def names_of_columns() -> dict[str, Any]:
    """The names other systems use, by our name."""
    text = resources.files(__package__).joinpath("columns.yaml").read_text(encoding="utf-8")
    found = load(text, "columns.yaml").data
    assert isinstance(found, dict)
    return found


def read_csv_claims(con: DuckDBPyConnection, file: Path, today: date) -> ClaimsRead:
    """Read a CSV (plain or gzipped) into the table ``lines``.

    Raises:
        InputError: the file is empty, is no text, or has no column for patient, code or day.
    """
    names = names_of_columns()
    delimiter, header = _header(file)
    columns = _matched(header, names, file)
    _stage(con, file, header, delimiter)
    con.execute(f"CREATE TABLE lines AS {_select(columns, _also_days(header, names), names['void_words'])}")
    con.execute("ALTER TABLE raw_lines RENAME TO read_lines")
    read = ClaimsRead(file.name, columns={ours: header[at] for ours, at in columns.items()})
    read.lines = _count(con, "SELECT COUNT(*) FROM lines")
    read.faults = [*cell_faults(con, columns), *line_faults(con, today)]
    con.execute("DROP TABLE read_lines")
    return read


def line_faults(con: DuckDBPyConnection, today: date) -> list[Fault]:
    """Faults that show in the lines themselves, whatever file they came from."""
    every = ", ".join(name for name, _ in LINE_COLUMNS if name != "row_no")
    twice = f"SELECT row_no FROM lines QUALIFY row_number() OVER (PARTITION BY {every} ORDER BY row_no) > 1"
    strange = (
        "SELECT row_no FROM lines WHERE code IS NOT NULL AND NOT regexp_full_match(code, '[0-9A-Z][0-9]{3}[0-9A-Z]')"
    )
    unknown = (
        "SELECT row_no FROM lines WHERE regexp_full_match(code, '[0-9A-Z][0-9]{3}[0-9A-Z]') "
        "AND code NOT IN (SELECT code FROM law_codes)"
    )
    later = f"SELECT row_no FROM lines WHERE on_day > DATE '{today}'"
    old = "SELECT row_no FROM lines WHERE on_day < DATE '1966-07-01'"
    asked = (
        _fault(con, "line", twice, "lines equal to an earlier one in every column", "kept, and tested like any other"),
        _fault(con, "code", strange, "that are no procedure code", "kept; no question of codes is asked of them"),
        _fault(con, "code", unknown, "codes that policy does not know", "kept; they are no care management we test"),
        _fault(con, "on", later, f"days of service after {today}", "kept and tested; correct the day"),
        _fault(con, "on", old, "days of service before Medicare began", "kept and tested; correct the day"),
        _fault(con, "status", "SELECT row_no FROM lines WHERE is_void", "voided or denied lines", "kept; not tested"),
    )
    return [fault for fault in asked if fault is not None]


def cell_faults(con: DuckDBPyConnection, columns: dict[str, int]) -> list[Fault]:
    """Cells that are empty or cannot be read, of the columns that matter."""
    asked = [
        ("patient_id", "patient_id", "lines without a patient", "kept; no question is asked of them"),
        ("code", "code", "lines without a code", "kept; no question is asked of them"),
        ("on", "on_day", "impossible or missing days of service", "kept; no question of time is asked of them"),
        ("units", "units", "units that are no whole number", "kept; read as 1"),
        ("charged", "charged_cents", "charges that are no amount", "kept; no money is told for them"),
        ("paid", "paid_cents", "payments that are no amount", "kept; no money is told for them"),
        ("died_on", "died_on", "impossible days of death", "kept; read as living"),
    ]
    found = []
    for ours, column, problem, treated in asked:
        if ours in columns:
            optional = ours not in ("patient_id", "code", "on")
            given = f" AND nullif(trim(r.c{columns[ours]}), '') IS NOT NULL" if optional else ""
            sql = f"SELECT l.row_no FROM lines l JOIN read_lines r USING (row_no) WHERE l.{column} IS NULL{given}"
            found.append(_fault(con, ours, sql, problem, treated))
    return [fault for fault in found if fault is not None]


def _fault(con: DuckDBPyConnection, field_: str, sql: str, problem: str, treated: str) -> Fault | None:
    count, first = con.execute(f"SELECT COUNT(*), list(row_no ORDER BY row_no)[:5] FROM ({sql})").fetchall()[0]
    return Fault(field_, count, problem, treated, tuple(first)) if count else None


def _header(file: Path) -> tuple[str, list[str]]:
    import gzip

    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
    except (UnicodeDecodeError, OSError):
        raise InputError(
            Place(file.name), "the file is no UTF-8 text", "save it as CSV UTF-8, or give an 837P"
        ) from None
    if not first.strip():
        raise InputError(Place(file.name, 1), "the file is empty", "its first line names the columns")
    delimiter = max(",\t|;", key=first.count)
    return delimiter, [name.strip() for name in next(csv.reader([first.strip("\r\n")], delimiter=delimiter))]


def _also_days(header: list[str], names: dict[str, Any]) -> list[int]:
    """Every column that may hold the day of service, the most exact first: an empty line day falls back to the claim's."""
    plain = [_MARKS.sub("_", name.lower()).strip("_") for name in header]
    return [plain.index(name) for name in names["lines"]["on"] if name in plain]


def _matched(header: list[str], names: dict[str, Any], file: Path) -> dict[str, int]:
    """Our column to the place of theirs; InputError that lists what is missing and what there is."""
    plain = [_MARKS.sub("_", name.lower()).strip("_") for name in header]
    found = {
        ours: plain.index(theirs)
        for ours, known in names["lines"].items()
        for theirs in [next((name for name in known if name in plain), None)]
        if theirs is not None
    }
    missing = [ours for ours in names["required"] if ours not in found]
    if missing:
        told = "; ".join(f"{ours} (known as {', '.join(names['lines'][ours][:6])})" for ours in missing)
        raise InputError(
            Place(file.name, 1), f"no column for {told}", f"rename or add it; the file has {', '.join(header[:12])}"
        )
    return found


def _stage(con: DuckDBPyConnection, file: Path, header: list[str], delimiter: str) -> None:
    types = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(header)))
    source = str(file).replace("'", "''")
    sql = (
        f"CREATE TABLE raw_lines AS SELECT row_number() OVER () + 1 AS row_no, * FROM read_csv('{source}', "
        f"header = true, auto_detect = false, delim = '{delimiter}', quote = '\"', escape = '\"', "
        f"null_padding = true, strict_mode = false, columns = {{{types}}}, parallel = "
    )
    try:
        try:
            con.execute(f"{sql}true)")
        except Exception:  # several readers at once cannot tell a line's end from one inside quotes; one reader can
            con.execute(f"{sql}false)")
    except Exception as error:
        line = re.search(r"[Ll]ine:?\s*(\d+)", str(error))
        where = Place(file.name, int(line[1]) if line else None)
        raise InputError(where, "the line cannot be read", "give each line as many fields as the header") from None


def _select(columns: dict[str, int], days: list[int], void_words: list[str]) -> str:
    def text(ours: str) -> str:
        return _text(f"c{columns[ours]}") if ours in columns else "CAST(NULL AS VARCHAR)"

    def day(sql: str) -> str:
        shapes = ", ".join(f"CAST(try_strptime({sql}, {shape!r}) AS DATE)" for shape in _DATE_SHAPES)
        return f"coalesce(TRY_CAST({sql} AS DATE), {shapes})"

    def cents(ours: str) -> str:
        return f"CAST(round(TRY_CAST(regexp_replace({text(ours)}, '[$,]', '', 'g') AS DECIMAL(18, 4)) * 100) AS BIGINT)"

    served = "coalesce(" + ", ".join(_text(f"c{at}") for at in days) + ")"
    modifiers = ", ".join(text(f"modifier_{place}") for place in (1, 2, 3, 4))
    voids = ", ".join(f"'{word}'" for word in void_words)
    return f"""
        SELECT row_no, {text("claim_id")} AS claim_id, {text("line_no")} AS line_no, {text("patient_id")} AS patient_id,
            {text("practitioner")} AS practitioner, {text("practice")} AS practice, {text("specialty")} AS specialty,
            upper({text("code")}) AS code, upper(concat_ws(' ', {modifiers})) AS modifiers, {day(served)} AS on_day,
            {f"TRY_CAST(TRY_CAST({text('units')} AS DECIMAL(12, 3)) AS BIGINT)" if "units" in columns else "1::BIGINT"} AS units,
            {cents("charged")} AS charged_cents, {cents("paid")} AS paid_cents, {day(text("died_on"))} AS died_on,
            coalesce(lower({text("status")}) IN ({voids}), false) AS is_void
        FROM raw_lines"""


def _text(column: str) -> str:
    """A cell without spaces around it, and without the mark that keeps a spreadsheet from running it (``core.sheets``)."""
    plain = f"trim({column})"
    unmarked = rf"regexp_replace({plain}, '^''([=+@\s-])', '\1')"
    return f"nullif(CASE WHEN starts_with({plain}, chr(39)) THEN {unmarked} ELSE {plain} END, '')"


def _count(con: DuckDBPyConnection, sql: str) -> int:
    return int((con.execute(sql).fetchone() or (0,))[0])
