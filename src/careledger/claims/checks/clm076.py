"""Claim of a secondary claim balances.

Looks at the amount an earlier payer paid for the claim: what it paid on the lines, less its adjustments at the claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an answer that does not add up is rejected"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The amount paid on the claim is the sum of the lines, less adjustments at the claim."""
    for at, other in enumerate(claim.other_payers):
        rows = [row for line in claim.lines for row in line.adjudications if row.payer_number == other.payer.number]
        if other.paid_cents is None or not rows:
            continue
        told = sum(row.paid_cents for row in rows) - sum(row.amount_cents for row in other.adjustments)
        if told != other.paid_cents:
            what = "the amount paid on the claim is not what was paid on its lines"
            yield Problem(f"other_payers[{at}].paid_cents", what, WHY, "copy the amounts from the remittance")
