"""Tax id.

Looks at the tax id of the billing provider: nine digits, no hyphen, an employer number (EIN) or, for a solo
practitioner without one, a social security number.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "payment is reported to the tax office under this number"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The billing provider's tax id has nine digits that are not all the same."""
    number = claim.billing.tax_id
    if not (number.isascii() and number.isdigit()) or len(number) != 9 or len(set(number)) == 1:
        yield Problem(
            "billing.tax_id", "the tax id does not have nine digits", WHY, "enter the nine digits of the tax id"
        )
