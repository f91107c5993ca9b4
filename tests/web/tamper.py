"""What an owner of the database could do behind the triggers."""

from __future__ import annotations

from django.db import connection


def behind_the_triggers(table: str, sql: str) -> None:
    """Run a statement with the triggers of a table out of the way."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {table}_no_update")
            cursor.execute(f"DROP TRIGGER {table}_no_delete")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        if connection.vendor != "sqlite":
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
