"""The claims store as a database: one file, one writer, every change whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from careledger.claims.store.steps import step
from careledger.core.errors import CareLedgerError, InputError, Place

SCHEMA = 1
_BUSY_S = 30
_MEND = "mend what is named, such as a full disk, and repeat"


class StoreError(CareLedgerError):
    """The store could not be written; it is as it was before."""


class Store:
    """An open claims store.

    SQL is written for SQLite and PostgreSQL alike; only this class knows which one is spoken to.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._in_transaction = False
        self.path = path

    @classmethod
    def open(cls, path: Path, *, must_exist: bool = False) -> Store:
        """Open a store; a new one is made when there is none.

        Raises:
            InputError: the file is no claims store, or there is none where one is asked for.
        """
        if must_exist and not path.is_file():
            raise InputError(Place(str(path)), "there is no claims store", "make one with 'claims build --store'")
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        store = cls(connection, path)
        try:
            store._prepare()
        except (sqlite3.DatabaseError, StoreError) as error:
            connection.close()
            raise InputError(
                Place(str(path)), f"no claims store ({error})", "name the file of a claims store"
            ) from None
        return store

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found == SCHEMA:
            return
        tables = self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if found != 0 or tables:
            raise sqlite3.DatabaseError(f"schema {found}, not {SCHEMA}")
        with self.transaction("schema"):
            text = resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
            bare = "\n".join(line.split("--")[0] for line in text.splitlines())
            for statement in bare.split(";"):
                if statement.strip():
                    self.run(statement)
            self.run(f"PRAGMA user_version = {SCHEMA}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self, name: str) -> Iterator[None]:
        """Everything inside happens or nothing does, whatever kills the process."""
        if self._in_transaction:
            raise AssertionError("transactions do not nest")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StoreError(f"{self.path.name}: the store cannot be written ({error}); {_MEND}") from error
        self._in_transaction = True
        try:
            step(f"{name}.begun")
            yield
            step(f"{name}.before_commit")
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._take_back()
            raise StoreError(f"{self.path.name}: nothing was changed ({error}); {_MEND}") from error
        except BaseException:
            self._take_back()
            raise
        finally:
            self._in_transaction = False
        step(f"{name}.committed")

    def _take_back(self) -> None:
        if self._connection.in_transaction:  # a full disk may have ended it already
            self._connection.execute("ROLLBACK")

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """One statement; the number of rows it touched."""
        return self._connection.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows."""
        self._connection.executemany(sql, rows)

    def insert(self, table: str, rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        """Add rows to a table."""
        marks = ", ".join("?" * len(columns))
        self.run_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query."""
        found = self._connection.execute(sql, values).fetchone()
        assert found is None or isinstance(found, sqlite3.Row)
        return found

    def number(self, sql: str, values: Sequence[Any] = ()) -> int:
        """The one number a query gives; 0 for none."""
        found = self.row(sql, values)
        return int(found[0] or 0) if found is not None else 0

    def next_number(self, name: str, count: int = 1) -> int:
        """The first of so many numbers that nobody else gets; to be called in a transaction."""
        self.run("INSERT INTO counter (name, value) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", (name,))
        self.run("UPDATE counter SET value = value + ? WHERE name = ?", (count, name))
        return self.number("SELECT value FROM counter WHERE name = ?", (name,)) - count + 1
