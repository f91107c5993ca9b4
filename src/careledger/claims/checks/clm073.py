"""Earlier payer of a secondary claim.

Looks at claims in which our payer pays second: the payer before it is named, with the insured person and what it
paid.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the second payer pays from what the first one did"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A secondary claim names the payer before it, its number, the member number and the amount paid."""
    if claim.rank == "P":
        return
    if not claim.other_payers:
        what = "a secondary claim without the payer before it"
        yield Problem("other_payers", what, WHY, "add the first payer's answer")
    for at, other in enumerate(claim.other_payers):
        if not other.payer.number:
            yield Problem(f"other_payers[{at}].payer.number", "an earlier payer without a number", WHY, "enter it")
        if not other.insured.member_id:
            yield Problem(f"other_payers[{at}].insured.member_id", "no member number there", WHY, "enter it")
