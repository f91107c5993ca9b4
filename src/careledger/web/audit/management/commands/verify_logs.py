"""``verify_logs``: do the audit log and the time ledger of every organisation still hold?"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from careledger.web.audit.chain import faults
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.ledger import ledger_faults


class Command(BaseCommand):
    """Verify the chains."""

    help = "Verify the audit log and the time ledger of every organisation; exit status 1 when one does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for organisation in Organisation.objects.order_by("pk"):
            with acting_in(organisation):
                said = [f"audit log: {one}" for one in faults(organisation.pk)]
                said += [f"time ledger: {one}" for one in ledger_faults()]
            self.stdout.write(f"{organisation.slug}: " + ("holds" if not said else f"{len(said)} faults"))
            for line in said:
                self.stdout.write(f"  {line}")
            found += len(said)
        if found:
            sys.exit(1)
