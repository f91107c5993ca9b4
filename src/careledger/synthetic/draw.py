"""Seeded draws: names, numbers and addresses that belong to nobody.

National Provider Identifiers start with 2, which no provider's does so far; Medicare numbers vary the sample card that
CMS prints; telephone numbers are of the 555-01 range kept for fiction; the town does not exist.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random

from careledger.core.codes import npi_check_digit

_MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_MBI_SAMPLE = "1EG4TE"
_NAMES_TAKEN = 0.95
"""Share of the plain family names after which double ones are drawn: the last plain ones would be drawn for ever."""


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """A data file of this package, row by row."""
    text = (resources.files("careledger.synthetic") / "data" / f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(slots=True)
class Draw:
    """A seeded source of everything that is invented; equal seeds give equal clinics."""

    random: Random
    _used: set[str] = field(default_factory=set)
    _families: int = 0

    def npi(self) -> str:
        """An identifier with a right check digit that no provider has."""
        return self._fresh(lambda: _with_check_digit(f"2{self.random.randrange(10**8):08d}"))

    def mbi(self) -> str:
        """A Medicare number of the right pattern, beside the one on CMS's sample card."""
        return self._fresh(
            lambda: (
                _MBI_SAMPLE
                + str(self.random.randrange(10))
                + "".join(self.random.choices(_MBI_LETTERS, k=2))
                + f"{self.random.randrange(100):02d}"
            )
        )

    def member_number(self) -> str:
        """A member number of another payer."""
        return self._fresh(lambda: f"SYN{self.random.randrange(10**7):07d}")

    def given_name(self, sex: str) -> str:
        return self.random.choice([row["name"] for row in rows("given_names") if row["sex"] == sex])

    def family_name(self) -> str:
        """Two syllables of our own, or two such names in one where most are taken; no name is drawn twice."""
        parts = rows("family_names")
        starts = [row["text"] for row in parts if row["part"] == "start"]
        ends = [row["text"] for row in parts if row["part"] == "end"]

        def one() -> str:
            return self.random.choice(starts) + self.random.choice(ends)

        self._families += 1
        is_scarce = self._families > len(starts) * len(ends) * _NAMES_TAKEN
        return self._fresh((lambda: f"{one()}-{one()}") if is_scarce else one)

    def street(self) -> str:
        return f"{self.random.randrange(1, 200)} {self.random.choice(rows('streets'))['street']}"

    def phone(self) -> str:
        return f"740555{self.random.randrange(101, 200):04d}"

    def conditions(self, at_least: int = 2) -> list[str]:
        """Diagnoses by their published prevalence, drawn independently (assumed), until there are enough."""
        while True:
            found = [row["icd10"] for row in rows("conditions") if self.random.random() * 100 < float(row["percent"])]
            if len(found) >= at_least:
                return found

    def _fresh(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._used:
            pass
        self._used.add(made)
        return made


def _with_check_digit(first_nine: str) -> str:
    return first_nine + npi_check_digit(first_nine)
