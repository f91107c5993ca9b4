"""Oversight after the month.

Looks at care plan oversight: the claim leaves after the calendar month is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.month import Month

WHY = "oversight is billed for a whole month"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Care plan oversight is sent after the end of its month."""
    governed = context.governed("cpo.claim")
    for at, line, view in context.lines(claim):
        if line.code not in governed or not view.flag("cpo.claim.after_month_end") or line.until is None:
            continue
        if context.sent_on <= Month.of(line.until).last_on:
            yield Problem(
                f"lines[{at}].until", "the month of oversight is not over", WHY, "send it after the month ends"
            )
