"""The second wall, on PostgreSQL: row-level security. Even raw SQL sees only the rows of the organisation in scope.

The scope tells the database the organisation it acts in (``app.organisation``); a policy on every table of organisations' rows
compares. Without a scope nothing is seen and nothing can be written. The wall holds for the owner of the tables too, but
PostgreSQL lets no policy bind a superuser: the clinic's database user must not be one (``superuser_warning`` says so).
SQLite has no such wall; there the scope of the query managers stands alone.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import Warning as Warned
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

SETTING = "app.organisation"
_POLICY = "careledger_organisation"
_OWN = f"organisation_id = (SELECT nullif(current_setting('{SETTING}', true), '')::bigint)"
"""In a subquery of its own, so that PostgreSQL asks once a statement and not once a row."""
_TELL = f"SELECT set_config('{SETTING}', %s, false)"


def walled_tables() -> list[str]:
    """Tables whose rows belong to one organisation each."""
    from careledger.web.tenancy.scope import OrganisationRow

    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, OrganisationRow))


def lay_walls(using: str = "default", **_: Any) -> None:
    """Lay the policy on every such table that exists; laying it twice changes nothing."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in (name for name in walled_tables() if name in there):
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            cursor.execute(f"DROP POLICY IF EXISTS {_POLICY} ON {table}")
            cursor.execute(f"CREATE POLICY {_POLICY} ON {table} USING ({_OWN}) WITH CHECK ({_OWN})")


def tell(organisation_id: int | None) -> None:
    """Tell every open PostgreSQL connection of this thread in which organisation it acts; None is none."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql" and connection.connection is not None:
            _tell_one(connection, organisation_id)


def tell_new(sender: Any, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A connection opened inside a scope learns of it at once."""
    from careledger.web.tenancy.scope import organisation_in_scope

    if connection.vendor == "postgresql" and (found := organisation_in_scope()) is not None:
        _tell_one(connection, found.pk)


def _tell_one(connection: Any, organisation_id: int | None) -> None:
    """By the driver itself, so that a page's count of queries is its own."""
    try:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(_TELL, ["" if organisation_id is None else str(organisation_id)])
    except DatabaseError:
        if not connection.in_atomic_block:
            raise
        # The transaction has failed and will be rolled back, which also takes back what was told inside it.


def superuser_warning(app_configs: Any, databases: Any = None, **_: Any) -> list[Warned]:
    """A check of ``manage check --database default``: may the database user walk through the wall?"""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
                if cursor.fetchone()[0]:
                    found.append(Warned(_WALKS, hint=_MEND, id="careledger.W001"))
    return found


_WALKS = "the database user is a superuser or may bypass row-level security: the second wall does not hold for it"
_MEND = "let the clinic connect as a plain role that owns its database; see docs/operate.md"
