"""Part B.

Looks at the patient's entitlement to Part B in the coverage table. Unknown is not taken for yes.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "care management is paid under Part B"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A patient billed to Medicare Part B is entitled to it."""
    if context.facts is None or not claim.payer.is_medicare_b or context.facts.part_b:
        return
    known = context.facts.part_b is False
    what = "the patient is not entitled to Part B" if known else "it is not known whether Part B is in force"
    yield Problem("payer", what, WHY, "ask for eligibility, and record it in the coverage table")
