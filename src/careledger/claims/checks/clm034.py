"""Assignment.

Looks at whether the provider accepts assignment: A yes, B for laboratory services only, C no.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer must know whom to pay"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The assignment code is A, B or C."""
    if claim.assignment not in ("A", "B", "C"):
        yield Problem("assignment", "the claim does not say whether assignment is accepted", WHY, "enter A, B or C")
