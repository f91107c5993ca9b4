"""What the patient paid.

Looks at the amount the patient paid: not more than the claim, and not below zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an amount above the charge is an error of entry"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The patient paid between nothing and the whole charge."""
    if not 0 <= claim.patient_paid_cents <= max(0, claim.total_cents):
        yield Problem("patient_paid_cents", "more than the charge of the claim", WHY, "correct the amount")
