from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users and roles; writes signing in and out into the audit log."""

    name = "careledger.web.accounts"

    def ready(self) -> None:
        from careledger.web.accounts.signins import listen

        listen()
