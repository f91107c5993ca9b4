"""One number in item 23.

Looks at agency NPI, prior authorization and laboratory number: item 23 of the form holds one of them, so a claim
needs at most one.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "two numbers in item 23 make the claim unprocessable (remark MA108)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A Medicare claim carries at most one of agency NPI, prior authorization and laboratory number."""
    given = [number for number in (claim.agency_npi, claim.prior_authorization, claim.clia) if number]
    if claim.payer.is_medicare_b and len(given) > 1:
        field = "prior_authorization" if claim.prior_authorization else "clia"
        yield Problem(
            field,
            "more than one number for item 23",
            WHY,
            "divide the claim, or remove the number that is not asked for",
        )
