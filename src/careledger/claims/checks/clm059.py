"""Units.

Looks at the units of every line: more than zero, and whole for services that are counted in units.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a line needs a whole number of units"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Units are above zero; care management counts in whole units."""
    for at, line in enumerate(claim.lines):
        if line.units <= 0:
            yield Problem(f"lines[{at}].units", "a line without units", WHY, "enter at least one unit")
        elif line.units != line.units.to_integral_value() and line.code in context.known_codes:
            yield Problem(f"lines[{at}].units", "a fraction of a unit", WHY, "bill whole units only")
