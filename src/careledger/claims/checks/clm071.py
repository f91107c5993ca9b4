"""One unit of oversight.

Looks at care plan oversight: one unit a month.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "oversight is paid once a month"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Care plan oversight has one unit."""
    governed = context.governed("cpo.claim")
    for at, line, view in context.lines(claim):
        if line.code in governed and line.units != view.number("cpo.claim.units"):
            yield Problem(f"lines[{at}].units", "more or less than one unit of oversight", WHY, "bill one unit")
