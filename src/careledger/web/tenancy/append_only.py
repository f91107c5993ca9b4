"""Tables that only grow: triggers refuse update and delete, on SQLite and on PostgreSQL.

They are laid after every ``migrate`` and not by a migration, since SQLite makes a table anew, without its triggers, when a
column changes. A model says ``only_grows = True``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections

_SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows: record a correction instead'); END"""
_POSTGRES = (
    """CREATE OR REPLACE FUNCTION careledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%% only grows: record a correction instead', TG_TABLE_NAME USING ERRCODE = '23000'; END $$""",
    """CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION careledger_only_grows()""",
    """CREATE OR REPLACE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION careledger_only_grows()""",
)


def tables() -> list[str]:
    """Names of the tables that only grow."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "only_grows", False))


def lay_triggers(using: str = "default", **_: Any) -> None:
    """Lay the triggers on every such table that exists; laying them twice changes nothing."""
    connection = connections[using]
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in tables():
            if table in there:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement, ())


def _statements(vendor: str, table: str) -> Iterator[str]:
    if vendor == "sqlite":
        yield from (_SQLITE.format(table=table, verb=verb) for verb in ("update", "delete"))
    else:
        yield from (statement.format(table=table) for statement in _POSTGRES)
