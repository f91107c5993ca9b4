"""``first_administrator EMAIL``: an empty clinic gets its organisation and the one who sets it up."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from careledger.web.tenancy.first import FirstRefused, make_first_administrator


class Command(BaseCommand):
    """Make the first administrator."""

    help = "Make the organisation and its first administrator in an empty database, and print a first passphrase once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address the administrator signs in by")
        parser.add_argument("--organisation", required=True, help="name of the practice or group")
        parser.add_argument("--given", required=True, help="given name")
        parser.add_argument("--family", required=True, help="family name")

    def handle(self, *args: Any, **options: Any) -> None:
        told = {name: options[name] for name in ("email", "organisation", "given", "family")}
        try:
            word = make_first_administrator(**told)
        except FirstRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"first passphrase, shown this once: {word}")
        self.stdout.write("sign in with it; it is changed at the first sign-in, and the set-up begins")
