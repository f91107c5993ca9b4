"""Unit limit of the day.

Looks at the units of a code on one day of service against the unit limits of the National Correct Coding Initiative
in force on that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "units above the limit are denied, most of them without appeal (reason 151)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Units of a code on one day stay within the limit in force."""
    units: dict[tuple[str, object], Decimal] = {}
    for at, line, view in context.lines(claim):
        limit = view.find(f"ncci.units.{line.code}")
        key = (line.code, line.until)
        units[key] = units.get(key, Decimal(0)) + line.units
        if limit is not None and units[key] > int(str(limit.value)):
            what = f"more than {limit.value} units of {line.code} on one day"
            yield Problem(f"lines[{at}].units", what, WHY, "bill the units the limit allows")
