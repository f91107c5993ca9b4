"""``backup FILE --to KEY``: an encrypted backup while the clinic works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import CareLedgerError
from careledger.web.keeping.backup import back_up


class Command(BaseCommand):
    """Back up."""

    help = "Write everything as of one moment into one encrypted file; the clinic works on."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--to", action="append", default=[], metavar="age1...", help="a public key; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = back_up(options["file"], options["to"])
        except CareLedgerError as error:
            raise CommandError(str(error)) from None
        rows = sum(one["rows"] for one in manifest["files"].values())
        size = options["file"].stat().st_size
        self.stdout.write(f"{options['file']}: {rows:,} rows of {len(manifest['files'])} tables, {size:,} bytes")
