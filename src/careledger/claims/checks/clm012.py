"""Member number.

Looks at the member number of the insured person, which every payer needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer finds the patient by this number"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The insured person has a member number of at least two characters."""
    if len(claim.insured.member_id) < 2:
        what = "the insured person has no member number"
        yield Problem("insured.member_id", what, WHY, "enter the number from the insurance card in the coverage table")
