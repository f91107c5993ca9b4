"""Lines of a secondary claim balance.

Looks at what an earlier payer did with each line: charge = paid + adjustments, to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an answer that does not add up is rejected"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Each line's charge is what the earlier payer paid and adjusted."""
    for at, line in enumerate(claim.lines):
        for number, row in enumerate(line.adjudications):
            told = row.paid_cents + sum(adjustment.amount_cents for adjustment in row.adjustments)
            if told != line.charge_cents:
                what = "the charge is not what the earlier payer paid plus its adjustments"
                mend = "copy paid amount and adjustments from the remittance"
                yield Problem(f"lines[{at}].adjudications[{number}].paid_cents", what, WHY, mend)
