from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    """Organisations; lays the triggers of append-only tables and the walls of PostgreSQL after every migration."""

    name = "careledger.web.tenancy"

    def ready(self) -> None:
        from careledger.web.tenancy.append_only import lay_triggers
        from careledger.web.tenancy.walls import lay_walls, superuser_warning, tell_new

        post_migrate.connect(lay_triggers, dispatch_uid="only_grows")
        post_migrate.connect(lay_walls, dispatch_uid="walls")
        connection_created.connect(tell_new, dispatch_uid="tell_new")
        register(superuser_warning, Tags.database)
