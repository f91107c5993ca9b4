from __future__ import annotations

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users and roles; writes signing in and out into the audit log."""

    name = "careledger.web.accounts"

    def ready(self) -> None:
        from careledger.web.accounts.signins import listen

        listen()
        post_migrate.connect(_lay_cache_table, sender=self, dispatch_uid="limits")


def _lay_cache_table(using: str = "default", **_: object) -> None:
    """The table of the rate limits; Django makes it by a command of its own, not by a migration."""
    call_command("createcachetable", database=using, verbosity=0)
