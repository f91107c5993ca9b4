"""``import_all FOLDER``: an empty database becomes what an export held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import InputError
from careledger.web.keeping.tables import load


class Command(BaseCommand):
    """Import everything."""

    help = "Fill an empty database from a folder that export_all wrote, then verify the audit log and the time ledger."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = load(options["folder"])
        except InputError as error:
            raise CommandError(str(error)) from None
        rows = sum(one["rows"] for one in manifest["files"].values())
        self.stdout.write(f"{rows:,} rows of {len(manifest['files'])} tables, as of {manifest['taken_at']}")
        call_command("verify_logs", stdout=self.stdout)
