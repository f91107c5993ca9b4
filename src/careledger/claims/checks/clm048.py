"""Timely filing.

Looks at each line's first day of service and the day the claim leaves: Medicare takes professional claims for twelve
months, and counts a line that spans days from its first.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import months_later
from careledger.claims.model import ORIGINAL, Claim

WHY = "a late claim is denied for good (reason 29)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim leaves within the filing limit."""
    if not claim.payer.is_medicare_b or claim.frequency != ORIGINAL:
        return
    limit = context.policy.timeline("claims.filing.months")[-1]
    months = int(str(limit.value))
    for at, line in enumerate(claim.lines):
        if line.since is not None and context.sent_on > months_later(line.since, months):
            what = f"more than {months} months after the first day of service"
            yield Problem(f"lines[{at}].since", what, WHY, "look for a ground for an exception before sending it")
