"""Service facility address.

Looks at the service facility, where one is named: a name and a complete address with a nine-digit ZIP code, since
Medicare pays by the place of service.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the fee follows the place where the service was furnished"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A service facility has name, street, city, state and a nine-digit ZIP code."""
    facility = claim.facility
    if facility is None:
        return
    if not facility.last:
        yield Problem("facility.last", "the service facility has no name", WHY, "enter its name")
    if facility.address.country not in ("", "US", "USA"):
        return
    for part in ("street", "city", "state"):
        if not getattr(facility.address, part):
            yield Problem(
                f"facility.address.{part}", f"the service facility has no {part}", WHY, "complete the address"
            )
    if not facility.address.zip.isdigit() or len(facility.address.zip) != 9:
        what = "the service facility's ZIP code does not have nine digits"
        yield Problem("facility.address.zip", what, WHY, "enter all nine digits")
