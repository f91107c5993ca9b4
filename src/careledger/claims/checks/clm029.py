"""Total of the claim.

Looks at the total charge of the claim and the sum of its lines: they are equal to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a claim that does not add up is rejected at the door"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The stated total is the sum of the lines."""
    if claim.stated_total_cents is not None and claim.stated_total_cents != claim.lines_cents:
        what = "the total charge is not the sum of the line charges"
        yield Problem("stated_total_cents", what, WHY, "correct the total or the lines")
