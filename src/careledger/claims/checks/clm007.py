"""Nine-digit billing ZIP.

Looks at the ZIP code of the billing provider: nine digits. The last four are found with the postal service's look-up.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "electronic claims need the full nine digits for the billing provider"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The billing ZIP code has nine digits."""
    address = claim.billing.address
    if address.country not in ("", "US", "USA"):
        return
    if not (address.zip.isascii() and address.zip.isdigit()) or len(address.zip) != 9:
        what = "the billing ZIP code does not have nine digits"
        yield Problem("billing.address.zip", what, WHY, "enter all nine digits of the practice's ZIP code")
