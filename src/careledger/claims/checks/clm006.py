"""Billing address.

Looks at name and address of the billing provider: a name, a street (a post office box is refused on electronic
claims), city, state. A post office box for payment belongs in the pay-to address.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import po_box
from careledger.claims.model import Claim

WHY = "the billing address must be where the practice stands"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The billing provider has a name and a complete street address that is no post office box."""
    billing = claim.billing
    if not billing.last:
        yield Problem("billing.last", "the billing provider has no name", WHY, "enter the practice's legal name")
    for part in ("street", "city", "state"):
        if not getattr(billing.address, part) and not billing.address.country:
            yield Problem(f"billing.address.{part}", f"the billing address has no {part}", WHY, "complete the address")
    if po_box(billing.address.street):
        mend = "enter the street address, and the box as pay-to address"
        yield Problem("billing.address.street", "the billing address is a post office box", WHY, mend)
