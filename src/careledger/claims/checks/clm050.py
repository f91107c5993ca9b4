"""One month a line.

Looks at codes that are paid for a calendar month (care management, care plan oversight): their days lie within one
month.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.month import Month

WHY = "the payer counts these services by calendar month"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Monthly codes do not cross months."""
    monthly = (
        context.governed("ccm.clinical_staff_time")
        | context.governed("ccm.date_of_service")
        | context.governed("cpo.claim")
    )
    for at, line in enumerate(claim.lines):
        if line.code not in monthly or line.since is None or line.until is None or line.since > line.until:
            continue
        if Month.of(line.since) != Month.of(line.until):
            what = "a monthly service over two months"
            yield Problem(f"lines[{at}].until", what, WHY, "bill each month on its own")
