"""Medicare number.

Looks at the Medicare Beneficiary Identifier: eleven characters in a fixed pattern of digits and letters, without S,
L, O, I, B and Z and without hyphens. A claim sent before 2020 could carry the older number; since then none does,
whatever its day of service. Copy it from the red, white and blue card.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import mbi_problem

WHY = "the contractor rejects a number that cannot be a Medicare number"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Under Medicare the member number has the pattern of an MBI."""
    first = context.policy.timeline("claims.filing.medicare_number")[-1].since
    if not claim.payer.is_medicare_b or not claim.insured.member_id or context.sent_on < first:
        return
    problem = mbi_problem(claim.insured.member_id)
    if problem:
        yield Problem("insured.member_id", problem, WHY, "copy the number from the patient's Medicare card")
