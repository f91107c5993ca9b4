"""``export_tables FOLDER --organisation NAME``: an organisation's records as the tables of docs/tables.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import InputError
from careledger.web.keeping.records import export_records
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in


class Command(BaseCommand):
    """Export an organisation's records."""

    help = "Write an organisation's records as CSV tables (docs/tables.md); load_tables and close read them."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--organisation", required=True, help="the organisation's short name")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"no organisation has this short name; known are: {known}")
        try:
            with acting_in(organisation):
                written = export_records(options["folder"])
        except InputError as error:
            raise CommandError(str(error)) from None
        for table, count in written.items():
            self.stdout.write(f"{table}: {count:,} rows")
