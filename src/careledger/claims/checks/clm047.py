"""Day of service in the future.

Looks at the days of service and the day the claim leaves, or the day the file was made.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a service that has not taken place cannot be billed"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No day of service lies after the day the claim leaves."""
    for at, line in enumerate(claim.lines):
        last = max((day for day in (line.since, line.until) if day), default=None)
        if last is not None and last > context.sent_on:
            what = "a day of service after the day the claim is sent"
            yield Problem(f"lines[{at}].until", what, WHY, "correct the day, or wait until it has passed")
