"""``python -m careledger.web run_radar``: the nightly run of the compliance radar, for a timer of the system."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from careledger.web.oversight.radar import run
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in


class Command(BaseCommand):
    """Ask every organisation's claims and logs the auditors' questions; findings stand on the radar's page."""

    help = "Run the compliance radar for every organisation, or for one."

    def add_arguments(self, parser: CommandParser) -> None:
        """The organisation, when only one is meant."""
        parser.add_argument("--organisation", help="Slug of the one to run for.")

    def handle(self, *args: Any, organisation: str | None = None, **options: Any) -> None:
        """Run, one organisation after another."""
        found = Organisation.objects.order_by("pk")
        for one in found.filter(slug=organisation) if organisation else found:
            with acting_in(one), timezone.override(one.zone):
                row = run(acting_user=None)
            self.stdout.write(f"{one.slug}: {row.lines:,} claim lines, {row.found:,} findings")
