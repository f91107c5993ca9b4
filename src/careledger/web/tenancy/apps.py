from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    """Organisations; lays the triggers of append-only tables after every migration."""

    name = "careledger.web.tenancy"

    def ready(self) -> None:
        from careledger.web.tenancy.append_only import lay_triggers

        post_migrate.connect(lay_triggers, dispatch_uid="only_grows")
