"""``export_all FOLDER``: everything the clinic holds, in an open form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import InputError
from careledger.web.keeping.tables import dump


class Command(BaseCommand):
    """Export everything."""

    help = "Write every table as CSV with a dictionary and a manifest into a new folder, as of one moment."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--with-sign-in", action="store_true", help="passphrase hashes, second factors, tokens too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = dump(options["folder"], with_sign_in=options["with_sign_in"])
        except InputError as error:
            raise CommandError(str(error)) from None
        rows = sum(one["rows"] for one in manifest["files"].values())
        self.stdout.write(f"{options['folder']}: {rows:,} rows of {len(manifest['files'])} tables")
        if not options["with_sign_in"]:
            self.stdout.write("without passphrases and second factors: people set new ones after an import")
