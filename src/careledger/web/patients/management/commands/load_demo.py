"""``load_demo``: the demo clinic, once."""

from __future__ import annotations

import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from careledger.web.billing.actions import decide_all
from careledger.web.demo import live
from careledger.web.enrolment.finding import refresh
from careledger.web.patients.demo import LOGINS, PASSPHRASE, STRANGER, make_demo
from careledger.web.revenue.book import config_file
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in


class Command(BaseCommand):
    """Make the demo clinic."""

    help = "Fill an empty database with the demo clinic (synthetic people) and print the demo logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--patients", type=int, default=200)

    def handle(self, *args: Any, **options: Any) -> None:
        if not Organisation.objects.exists():
            self.stdout.write("making the demo clinic, about half a minute ...")
            with tempfile.TemporaryDirectory() as folder:
                clinic = make_demo(Path(folder), timezone.now(), options["patients"])
                shutil.copy(next(Path(folder).rglob("claims.yaml")), config_file(clinic))
            live(clinic)
            with acting_in(clinic):
                decide_all(on=timezone.localdate())
                refresh(timezone.localdate())
        self.stdout.write(f"\n  passphrase for every demo login: {PASSPHRASE}\n")
        for role, *_ in LOGINS:
            self.stdout.write(f"  {role:<14}{role}@lakeside.example")
        self.stdout.write(f"  {'outsider':<14}{STRANGER}\n")
