"""Covered on the day of service.

Looks at the first and last day of the patient's coverage in the coverage table and the days of service.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "nothing is paid for days without cover"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every day of service lies within the coverage."""
    facts = context.facts
    if facts is None:
        return
    for at, line in enumerate(claim.lines):
        if line.since and facts.covered_since and line.since < facts.covered_since:
            yield Problem(
                f"lines[{at}].since", "the service lies before the coverage starts", WHY, "check the coverage"
            )
        if line.until and facts.covered_until and line.until > facts.covered_until:
            yield Problem(f"lines[{at}].until", "the service lies after the coverage ends", WHY, "check the coverage")
