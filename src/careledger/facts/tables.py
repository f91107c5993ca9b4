"""A folder of tables (CSV or Parquet), read strictly into DuckDB.

One file a table, named after it (``time_entries.csv`` or ``time_entries.parquet``); columns are those of the record
classes in ``core.records``. A row that cannot be used is set aside with one line that says file, row, field, what is
wrong and what to do; the others go on. A file that cannot be used at all stops everything with an ``InputError``.
Values are never repeated, ids are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from careledger.core.errors import InputError, Place
from careledger.core.records import TABLES
from careledger.facts import table_checks, table_files
from careledger.facts.schema import columns_of, create_tables, defaults_of
from careledger.facts.whole import settle
from careledger.facts.working import side_by_side

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REFERRED = ("practices", "people", "patients")
"""Tables that others refer to, each to those before it."""

SHOWN = 50
"""Rows set aside that a report prints before it only counts."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A fault in a row; the row is set aside, unless the fault ``keeps`` it (a claim check will hold what it spoils)."""

    file: str
    row: int | None
    field: str
    problem: str
    mend: str
    keeps: bool = False

    def __str__(self) -> str:
        where = self.file if self.row is None else f"{self.file}:{self.row}"
        return f"{where}: {self.field}: {self.problem}; {self.mend}"


@dataclass(slots=True)
class FolderReport:
    """What was read from a folder: rows kept and set aside by table, warnings, and every row set aside."""

    kept: dict[str, int] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 when every row was used and is sound, 1 when some were set aside or have a fault."""
        return 1 if self.rejects else 0

    def lines(self) -> list[str]:
        """The report in lines for people; ids only."""
        counts = [
            f"{table}: {kept:,} rows" + (f", {self.set_aside[table]:,} set aside" if self.set_aside.get(table) else "")
            for table, kept in self.kept.items()
        ]
        shown = [str(reject) for reject in self.rejects[:SHOWN]]
        more = [f"... and {len(self.rejects) - SHOWN:,} more faults"] if len(self.rejects) > SHOWN else []
        return [*counts, *self.warnings, *shown, *more]


def open_folder(con: DuckDBPyConnection, folder: Path, *, as_of: date | None = None) -> FolderReport:
    """Fill every table of ``core.records.TABLES`` in the connection from a folder.

    Args:
        con: an open connection without those tables.
        folder: the folder; a table without a file is empty.
        as_of: the day of asking; time entries that start after it are set aside as future entries.

    Raises:
        InputError: the folder, or a file as a whole, cannot be used.
    """
    if not folder.is_dir():
        raise InputError(Place(str(folder)), "no such folder", "name the folder that holds the tables")
    settle(folder)
    report = FolderReport(warnings=_strangers(folder))
    files = {table: file for table in TABLES if (file := table_files.find(folder, table)) is not None}
    if "patients" not in files:
        raise InputError(Place(str(folder)), "there is no patients table", "add patients.csv or patients.parquet")
    create_tables(con, [table for table in TABLES if table not in files])
    con.execute(
        "CREATE TABLE rejects (tab VARCHAR, row_no BIGINT, field VARCHAR, problem VARCHAR, mend VARCHAR, keeps BOOLEAN)"
    )
    order = _reading_order(files)
    for table in order:
        table_files.stage(con, table, files[table], table_checks.zones(con) if table == "time_entries" else {})
    side_by_side(con, [partial(table_checks.check_columns, table=table) for table in _longest_first(order)])
    table_checks.check_across(con, list(files), None if as_of is None else as_of + timedelta(days=1))
    order = _settling_order(files)
    found = {table: _settle(con, table, files[table]) for table in order if table in REFERRED}
    others = _longest_first(table for table in order if table not in REFERRED)
    settled = side_by_side(con, [partial(_settle, table=table, file=files[table]) for table in others])
    found |= zip(others, settled, strict=True)
    for table in order:
        kept, rows = found[table]
        report.kept[table] = kept
        report.rejects += [Reject(files[table].name, *row) for row in rows]
        if rows:
            report.set_aside[table] = len({row[0] for row in rows if not row[4]})
    return report


def _reading_order(files: dict[str, Path]) -> list[str]:
    """Practices and people first: local times of the log are read in the zone of the practice of who worked."""
    first = [table for table in ("practices", "people") if table in files]
    return first + [table for table in files if table not in first]


def _settling_order(files: dict[str, Path]) -> list[str]:
    """What others refer to first, so that a row set aside takes along what hangs on it, by name."""
    first = [table for table in REFERRED if table in files]
    return first + [table for table in files if table not in first]


def _longest_first(tables: Iterable[str]) -> list[str]:
    """The log of time before all others: it takes as long as they do together, so it must not begin last."""
    return sorted(tables, key=lambda table: table != "time_entries")


def _settle(
    con: DuckDBPyConnection, table: str, file: Path
) -> tuple[int, list[tuple[int | None, str, str, str, bool]]]:
    """Leave the table without the rows set aside; how many stay, and the faults found."""
    table_checks.check_references(con, table)
    rows = con.execute(
        "SELECT row_no, field, problem, mend, keeps FROM rejects WHERE tab = ? ORDER BY row_no NULLS FIRST, field",
        [table],
    ).fetchall()
    defaults = dict(defaults_of(table))
    columns = ", ".join(
        f'COALESCE("{name}", {defaults[name]}) AS "{name}"' if name in defaults else f'"{name}"'
        for name, _ in columns_of(table)
    )
    kept = f"row_no NOT IN (SELECT row_no FROM rejects WHERE tab = '{table}' AND NOT keeps)"
    if file.suffix == ".csv":
        con.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM staged_{table} WHERE {kept} ORDER BY row_no")
        con.execute(f"DROP TABLE staged_{table}")
    else:
        only = f" WHERE {kept}" if any(not row[4] for row in rows) else ""
        con.execute(f"CREATE VIEW {table} AS SELECT {columns} FROM staged_{table}{only}")
    return int((con.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,))[0]), rows


def _strangers(folder: Path) -> list[str]:
    """Files that look like tables and are none, with the nearest table's name."""
    return [
        f"{file.name}: not a table, left unread; {table_files.nearest(file.stem, TABLES)}"
        for file in sorted(folder.iterdir())
        if file.suffix in (".csv", ".parquet") and file.stem not in TABLES
    ]
