"""What policy says of a consent's life."""

from __future__ import annotations

from datetime import date

from careledger.core.month import Month
from careledger.web.billing.queries import policy


def in_force_until(program: str, revoked_on: date) -> date:
    """The last day of a consent that is revoked on a day, by policy."""
    found = policy().on(revoked_on).peek(f"{program}.consent.revocation_effective")
    is_month_end = found is not None and not found.absent and found.value == "end_of_month"
    return Month.of(revoked_on).last_on if is_month_end else revoked_on
