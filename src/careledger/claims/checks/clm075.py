"""Payer of a line's answer.

Looks at the answers of earlier payers on lines: each names a payer of the claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the answer cannot be matched to a payer"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Adjudications on lines name an earlier payer of the claim."""
    known = {other.payer.number for other in claim.other_payers}
    for at, line in enumerate(claim.lines):
        for number, row in enumerate(line.adjudications):
            if row.payer_number not in known:
                what = "an answer of a payer that is not on the claim"
                mend = "use the payer's number as at the claim"
                yield Problem(f"lines[{at}].adjudications[{number}].payer_number", what, WHY, mend)
