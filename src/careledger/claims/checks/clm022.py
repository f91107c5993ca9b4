"""Why Medicare pays second.

Looks at claims in which Medicare pays second: they must say why (12 working aged, 13 end-stage renal disease, 43
disabled, 14 no-fault, 15 workers' compensation, 16 federal programs, 41 black lung, 42 veterans, 47 liability).
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the contractor sets the order of payment by it"

REASONS = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A secondary Medicare claim has a known reason; a primary one has none."""
    if not claim.payer.is_medicare_b:
        return
    if claim.rank != "P" and claim.secondary_reason not in REASONS:
        yield Problem(
            "secondary_reason", "Medicare pays second, and the claim does not say why", WHY, "enter the reason"
        )
    if claim.rank == "P" and claim.secondary_reason:
        what = "Medicare pays first, and the claim gives a reason for paying second"
        yield Problem("secondary_reason", what, WHY, "remove the reason, or correct the order of payers")
