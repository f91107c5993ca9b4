"""Claim frequency.

Looks at the frequency code: 1 for an original claim, 7 for a replacement, 8 for a void.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import ORIGINAL, REPLACEMENT, VOID, Claim

WHY = "the payer must know whether the claim is new"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The frequency is 1, 7 or 8."""
    if claim.frequency not in (ORIGINAL, REPLACEMENT, VOID):
        what = "the claim frequency is not 1 (original), 7 (replacement) or 8 (void)"
        yield Problem("frequency", what, WHY, "use 1 for a first claim")
