"""``run_jobs``: do the background work that waits, then end."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from careledger.web.work.actions import do_all


class Command(BaseCommand):
    """Do the jobs."""

    help = "Do the background work that waits, of every organisation, then end."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{do_all():,} jobs done")
