"""The tables in DuckDB, derived from the records of ``core`` by looking at their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from careledger.core.records import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Records = Mapping[str, Sequence[Any]]
"""Table name to records of its class."""

_TYPES = {"str": "VARCHAR", "bool": "BOOLEAN", "int": "BIGINT", "date": "DATE", "tuple[str, ...]": "VARCHAR"}


def column_of(field: Field[Any]) -> str:
    """The column of a field: its name, without the underscore that keeps it apart from a Python keyword."""
    return field.name.rstrip("_")


def sql_type_of(field: Field[Any]) -> str:
    """The DuckDB type of a column; a tuple of words is text, its parts separated by one space."""
    return _TYPES[str(field.type).removesuffix(" | None")]


@cache
def columns_of(table: str) -> tuple[tuple[str, str], ...]:
    """(column, type) of a table, in the order of the record's fields."""
    return tuple((column_of(field), sql_type_of(field)) for field in fields(TABLES[table]))


@cache
def defaults_of(table: str) -> tuple[tuple[str, str], ...]:
    """(column, SQL literal) of every column whose empty cell stands for a value, not for unknown."""
    found = (
        (column_of(field), stored(field.default)) for field in fields(TABLES[table]) if field.default is not MISSING
    )
    return tuple((name, _literal(value)) for name, value in found if value is not None)


def _literal(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value) if isinstance(value, int) else f"'{value}'"


def required_columns(table: str) -> tuple[str, ...]:
    """Columns a file of the table must have."""
    return tuple(column_of(field) for field in fields(TABLES[table]) if field.default is MISSING)


def create_tables(con: DuckDBPyConnection, tables: Iterable[str] = tuple(TABLES)) -> None:
    """Create tables in DuckDB, empty."""
    con.execute(";\n".join(_create(table) for table in tables))


def load_records(con: DuckDBPyConnection, records: Records) -> None:
    """Fill tables made by ``create_tables`` from records; rows keep the order given."""
    for table, rows in records.items():
        if rows:
            names = [field.name for field in fields(TABLES[table])]
            cells = ", ".join(f"UNNEST(?::{type_}[])" for _, type_ in columns_of(table))
            values = [[stored(getattr(row, name)) for row in rows] for name in names]
            con.execute(f"INSERT INTO {table} SELECT {cells}", values)


def stored(value: Any) -> Any:
    """A field's value as its column holds it."""
    return " ".join(value) if isinstance(value, tuple) else value


@cache
def _create(table: str) -> str:
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in columns_of(table))
    return f"CREATE TABLE {table} ({columns})"
