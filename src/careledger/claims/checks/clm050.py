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

TOPICS = ("ccm.clinical_staff_time", "ccm.date_of_service", "cpo.claim")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Monthly codes do not cross months."""
    for at, line in enumerate(claim.lines):
        if line.since == line.until or line.since is None or line.until is None or line.since > line.until:
            continue
        is_monthly = any(line.code in context.governed(topic) for topic in TOPICS)
        if is_monthly and Month.of(line.since) != Month.of(line.until):
            what = "a monthly service over two months"
            yield Problem(f"lines[{at}].until", what, WHY, "bill each month on its own")
