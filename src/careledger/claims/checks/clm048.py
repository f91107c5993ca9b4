"""Timely filing.

Looks at the last day of service and the day the claim leaves: Medicare takes claims for twelve months.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import months_later
from careledger.claims.model import ORIGINAL, Claim

WHY = "a late claim is denied for good (reason 29)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim leaves within the filing limit."""
    if not claim.payer.is_medicare_b or claim.frequency != ORIGINAL or claim.until is None:
        return
    limit = context.policy.timeline("claims.filing.months")[-1]
    months = int(str(limit.value))
    if context.sent_on > months_later(claim.until, months):
        what = f"more than {months} months after the day of service"
        yield Problem("lines[0].until", what, WHY, "look for a ground for an exception before sending it")
