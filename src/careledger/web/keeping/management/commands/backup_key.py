"""``backup_key FILE``: a key that backups are encrypted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import CareLedgerError
from careledger.web.keeping.backup import make_key


class Command(BaseCommand):
    """Make a key."""

    help = "Write a new private key into a file, and print the public key to make backups for. Keep the file elsewhere."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(make_key(options["file"]))
        except CareLedgerError as error:
            raise CommandError(str(error)) from None
