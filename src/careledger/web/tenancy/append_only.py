"""Tables that only grow: a migration step that lays triggers refusing update and delete, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} only grows: record a correction instead'); END"""
_POSTGRES = """CREATE OR REPLACE FUNCTION careledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% only grows: record a correction instead', TG_TABLE_NAME USING ERRCODE = '23000'; END $$;
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION careledger_only_grows();
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION careledger_only_grows()"""


class OnlyGrows(Operation):
    """Refuse update and delete on a table from now on."""

    reversible = False
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                schema_editor.execute(_SQLITE.format(table=self.table, verb=verb, VERB=verb.upper()))
        else:
            schema_editor.execute(_POSTGRES.format(table=self.table).replace("%", "%%"), ())

    def describe(self) -> str:
        return f"Refuse update and delete on {self.table}"
