"""The two engines the SQL program runs on: SQLite for one case, DuckDB for a folder.

A case has a handful of rows, and what costs is planning: SQLite, which is part of Python, plans the whole program in
milliseconds where DuckDB needs a quarter of a second. Millions of rows are DuckDB's. The text of the steps is the same;
here is all that differs: how a day is written, how small tables are filled, and names of functions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from careledger.core.records import TABLES
from careledger.facts.schema import Records, columns_of, stored
from careledger.facts.working import lanes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Cell = str | int | bool | date | None
Rows = Sequence[tuple[Cell, ...]]


class Cursor(Protocol):
    """What a statement gives back."""

    def fetchall(self) -> list[Any]: ...


class Database(Protocol):
    """A connection of either engine, as the program uses it."""

    day: str
    """How a day is written as a literal, ``{}`` standing for it."""

    def execute(self, sql: str) -> Cursor: ...

    def fill(self, table: str, columns: str, rows: Rows) -> None:
        """Make a table from column definitions (``name TYPE, name TYPE``) and rows."""

    def lanes(self) -> Sequence[Database]:
        """The same database once for each statement that may run at a time."""


class DuckDb:
    """A DuckDB connection."""

    day = "DATE '{}'"

    def __init__(self, con: DuckDBPyConnection) -> None:
        self.con = con

    def execute(self, sql: str) -> Cursor:
        return self.con.execute(sql)

    def fill(self, table: str, columns: str, rows: Rows) -> None:
        parts = [column.split() for column in columns.split(", ")]
        cells = ", ".join(f"UNNEST(?::{type_}[]) AS {name}" for name, type_ in parts)
        self.con.execute(
            f"CREATE TABLE {table} AS SELECT {cells}", [[row[n] for row in rows] for n in range(len(parts))]
        )

    def lanes(self) -> Sequence[Database]:
        return [DuckDb(lane) for lane in lanes(self.con)]


class Sqlite:
    """A SQLite database in memory. Days are text, truth is 1 and 0; rows are numbered from 0 as in DuckDB."""

    day = "'{}'"

    def __init__(self) -> None:
        self.con = sqlite3.connect(":memory:", isolation_level=None)
        for name, arguments, function in _FUNCTIONS:
            self.con.create_function(name, arguments, function, deterministic=True)

    def execute(self, sql: str) -> Cursor:
        return self.con.execute(sql)

    def fill(self, table: str, columns: str, rows: Rows) -> None:
        self.con.execute(f"CREATE TABLE {table} ({columns})")
        self._insert(f"INSERT INTO {table} VALUES", rows)

    def load(self, records: Records) -> None:
        """Make every table of ``core.records.TABLES`` and fill it from records; rows keep the order given."""
        for table, class_ in TABLES.items():
            columns = ", ".join(f'"{name}" {type_}' for name, type_ in columns_of(table))
            self.con.execute(f"CREATE TABLE {table} ({columns})")
            rows = records.get(table, ())
            if rows:
                names = [field.name for field in fields(class_)]
                listed = ", ".join(f'"{name}"' for name, _ in columns_of(table))
                values = [(place, *(stored(getattr(row, name)) for name in names)) for place, row in enumerate(rows)]
                self._insert(f"INSERT INTO {table} (rowid, {listed}) VALUES", values)

    def lanes(self) -> Sequence[Database]:
        return [self]

    def close(self) -> None:
        self.con.close()

    def _insert(self, start: str, rows: Rows) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.con.executemany(f"{start} ({marks})", [[_plain(cell) for cell in row] for row in rows])


def _plain(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, date) else cell


def _known(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _greatest(*values: Any) -> Any:
    return max(_known(values), default=None)


def _least(*values: Any) -> Any:
    return min(_known(values), default=None)


def _part(start: int, end: int) -> Any:
    return lambda day: None if day is None else int(day[start:end])


def _days_between(_: str, first: str | None, last: str | None) -> int | None:
    if first is None or last is None:
        return None
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


_FUNCTIONS: tuple[tuple[str, int, Any], ...] = (
    ("greatest", -1, _greatest),
    ("least", -1, _least),
    ("year", 1, _part(0, 4)),
    ("month", 1, _part(5, 7)),
    ("day", 1, _part(8, 10)),
    ("datediff", 3, _days_between),
)
"""Functions of standard or common SQL that SQLite has not."""
