"""``restore FILE --key FILE``: an empty clinic becomes what a backup held, and says whether its chains hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import CareLedgerError
from careledger.web.keeping.backup import restore


class Command(BaseCommand):
    """Restore."""

    help = "Fill an empty clinic from a backup, then verify the audit log and the time ledger."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", type=Path, required=True, help="the private key that backup_key wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore(options["file"], options["key"])
        except CareLedgerError as error:
            raise CommandError(str(error)) from None
        rows = sum(one["rows"] for one in manifest["files"].values())
        self.stdout.write(f"{rows:,} rows of {len(manifest['files'])} tables, as of {manifest['taken_at']}")
        call_command("verify_logs", stdout=self.stdout)
