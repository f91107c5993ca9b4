"""One table's file brought into DuckDB as ``staged_<table>``: typed columns beside the text they came from.

Every column ``x`` of the record stands in the staged relation, NULL where the text could not be read, and beside it
``x__raw`` with the text, so that checks can tell *missing* from *unreadable*. ``row_no`` is the line of a CSV file (the
header is line 1) or the place of a row in Parquet.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from careledger.core.errors import InputError, Place
from careledger.facts.schema import columns_of, required_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOG_COLUMNS = ("start", "end", "minutes")
"""Further columns a CSV time log may have in place of ``start_s``, ``end_s`` and ``seconds``."""

_TRUE = "'true', 't', 'yes', 'y', '1'"
_FALSE = "'false', 'f', 'no', 'n', '0'"
_INSTANT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?"


def find(folder: Path, table: str) -> Path | None:
    """The file of a table; InputError when there are two."""
    found = [file for suffix in (".csv", ".parquet") if (file := folder / f"{table}{suffix}").exists()]
    if len(found) > 1:
        raise InputError(Place(str(folder)), f"both {found[0].name} and {found[1].name} stand here", "keep one of them")
    return found[0] if found else None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is most like a name."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"known names are {', '.join(known)}"


def stage(con: DuckDBPyConnection, table: str, file: Path, zones: Mapping[str, str]) -> None:
    """Bring a file in as ``staged_<table>``; InputError when the file as a whole cannot be used.

    Args:
        con: the connection.
        table: the table's name.
        file: its file.
        zones: person id to time zone, for local times of a log.
    """
    if file.suffix == ".parquet":
        _stage_parquet(con, table, file)
    else:
        _stage_csv(con, table, file, zones)


def check_header(table: str, header: Iterable[str], file: Path) -> None:
    """Every column is known, stands once, and none that is required is missing; InputError otherwise."""
    names = list(header)
    known = [name for name, _ in columns_of(table)]
    allowed = [*known, *(LOG_COLUMNS if table == "time_entries" else ())]
    for name in names:
        if name not in allowed:
            raise InputError(Place(file.name, 1, name or None), "unknown column", nearest(name, allowed))
    for name in {name for name in names if names.count(name) > 1}:
        raise InputError(Place(file.name, 1, name), "the column stands twice", "keep one")
    for name in required_columns(table):
        if name not in names:
            raise InputError(
                Place(file.name, 1, name), "a required column is missing", "add the column; see docs/tables.md"
            )


def _stage_parquet(con: DuckDBPyConnection, table: str, file: Path) -> None:
    try:
        described = con.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(file)]).description
    except Exception as error:
        raise InputError(
            Place(file.name), "the file is no whole Parquet file", "write it anew, or copy it again"
        ) from error
    header = {column[0]: str(column[1]) for column in described}
    check_header(table, header, file)
    parts = [_parquet_column(name, type_, header.get(name)) for name, type_ in columns_of(table)]
    source = str(file).replace("'", "''")
    con.execute(
        f"CREATE VIEW staged_{table} AS SELECT file_row_number AS row_no, {', '.join(parts)} "
        f"FROM read_parquet('{source}', file_row_number = true)"
    )


def _parquet_column(name: str, type_: str, stored: str | None) -> str:
    """A column of a Parquet file; one that is stored as its type cannot be unreadable, so it stands for its text too."""
    if stored is None:
        return f'CAST(NULL AS {type_}) AS "{name}", CAST(NULL AS VARCHAR) AS "{name}__raw"'
    if stored == type_:
        return f'"{name}", "{name}" AS "{name}__raw"'
    return f'TRY_CAST("{name}" AS {type_}) AS "{name}", CAST("{name}" AS VARCHAR) AS "{name}__raw"'


def _stage_csv(con: DuckDBPyConnection, table: str, file: Path, zones: Mapping[str, str]) -> None:
    header = _csv_header(table, file)
    check_header(table, header, file)
    source = str(file).replace("'", "''")
    types = ", ".join(f"'{_quoted(name)}': 'VARCHAR'" for name in header)
    try:
        con.execute(
            f"CREATE TEMP TABLE text_{table} AS SELECT row_number() OVER () + 1 AS row_no, * FROM read_csv('{source}', "
            f"header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
            f"null_padding = false, parallel = false, columns = {{{types}}})"
        )
    except Exception as error:
        raise _broken_csv(file, str(error)) from None
    if table == "time_entries":
        _read_clock_times(con, header, zones)
    parts = [_csv_column(name, type_, header) for name, type_ in columns_of(table)]
    con.execute(f"CREATE TABLE staged_{table} AS SELECT row_no, {', '.join(parts)} FROM text_{table}")
    con.execute(f"DROP TABLE text_{table}")


def _csv_header(table: str, file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            header = next(csv.reader([first]), None)
            quotes = first.count('"') + sum(line.count('"') for line in lines)
    except UnicodeDecodeError:
        raise InputError(Place(file.name), "the file is not UTF-8 text", "save it as CSV UTF-8") from None
    if not header:
        raise InputError(
            Place(file.name, 1), "the file is empty", "its first line names the columns; see docs/tables.md"
        )
    if quotes % 2:
        raise InputError(
            Place(file.name), "a quotation mark is not closed: the file may be cut in the middle", "complete the file"
        )
    return [name.strip() for name in header]


def _broken_csv(file: Path, error: str) -> InputError:
    line = re.search(r"[Ll]ine:?\s*(\d+)", error)
    where = Place(file.name, int(line[1]) if line else None)
    return InputError(where, "a row has not as many fields as the header", "complete the row; quote fields with commas")


def _csv_column(name: str, type_: str, header: list[str]) -> str:
    if name not in header:
        return f'CAST(NULL AS {type_}) AS "{name}", CAST(NULL AS VARCHAR) AS "{name}__raw"'
    text = f"nullif(trim(\"{name}\"), '')"
    typed = {
        "BOOLEAN": f"CASE WHEN lower({text}) IN ({_TRUE}) THEN true WHEN lower({text}) IN ({_FALSE}) THEN false END",
        "DATE": f"CASE WHEN regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN TRY_CAST({text} AS DATE) END",
        "BIGINT": f"CASE WHEN regexp_full_match({text}, '-?\\d+') THEN TRY_CAST({text} AS BIGINT) END",
        "VARCHAR": text,
    }[type_]
    return f'{typed} AS "{name}", {text} AS "{name}__raw"'


def _read_clock_times(con: DuckDBPyConnection, header: list[str], zones: Mapping[str, str]) -> None:
    """Turn a log's ``start``, ``end`` and ``minutes`` into ``start_s``, ``end_s`` and ``seconds``.

    A column that could not be read keeps its text, so that the check of the target column tells of it.
    """
    log = [name for name in LOG_COLUMNS if name in header]
    if not log:
        return
    con.execute("CREATE TEMP TABLE zone_of (person VARCHAR, zone VARCHAR)")
    if zones:
        con.executemany("INSERT INTO zone_of VALUES (?, ?)", list(zones.items()))
    for name, target in (("start", "start_s"), ("end", "end_s"), ("minutes", "seconds")):
        if name in header and target not in header:
            con.execute(f'ALTER TABLE text_time_entries ADD COLUMN "{target}" VARCHAR')
            header.append(target)
        if name in header:
            read = _minutes() if name == "minutes" else _instant(name)
            con.execute(
                f'UPDATE text_time_entries AS t SET "{target}" = coalesce("{target}", {read}, "{name}") '
                f"WHERE nullif(trim(\"{name}\"), '') IS NOT NULL"
            )
    con.execute("DROP TABLE zone_of")
    con.execute(
        "UPDATE text_time_entries SET end_s = CAST(TRY_CAST(start_s AS BIGINT) + TRY_CAST(seconds AS BIGINT) AS VARCHAR) "
        "WHERE start_s IS NOT NULL AND end_s IS NULL AND seconds IS NOT NULL"
        if {"start_s", "seconds", "end_s"} <= set(header)
        else "SELECT 1"
    )


def _minutes() -> str:
    return "CAST(CAST(floor(TRY_CAST(trim(minutes) AS DECIMAL(12, 4)) * 60) AS BIGINT) AS VARCHAR)"


def _instant(name: str) -> str:
    text = f'trim(t."{name}")'
    zone = "coalesce((SELECT zone FROM zone_of z WHERE z.person = trim(t.\"by\")), 'America/New_York')"
    offset = f"regexp_matches({text}, '(Z|[+-]\\d{{2}}:\\d{{2}})$')"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_INSTANT}') THEN CAST(CAST(epoch(CASE WHEN {offset} "
        f"THEN TRY_CAST({text} AS TIMESTAMPTZ) ELSE timezone({zone}, TRY_CAST({text} AS TIMESTAMP)) END) AS BIGINT) AS VARCHAR) END"
    )


def _quoted(name: str) -> str:
    return name.replace("'", "''")
