"""``load_tables``: a folder of tables into the clinic."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.core.errors import InputError
from careledger.web.patients.loading import load_folder
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in


class Command(BaseCommand):
    """Load tables into an organisation."""

    help = "Load a folder of tables (docs/tables.md) into an organisation; what it holds already stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="folder of CSV or Parquet tables")
        parser.add_argument("--organisation", required=True, help="the organisation's short name")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(slug=options["organisation"]).first()
        if organisation is None:
            known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"no organisation has this short name; known are: {known}")
        try:
            with acting_in(organisation):
                loaded = load_folder(options["folder"])
        except InputError as error:
            raise CommandError(str(error)) from None
        for line in loaded.lines():
            self.stdout.write(line)
