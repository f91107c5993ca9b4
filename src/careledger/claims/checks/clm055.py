"""Code in force and paid.

Looks at care management codes billed to Medicare: the code exists on the day of service, and Medicare pays it (status
A). Codes with status B are bundled, with status I another code is used.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import code_facts
from careledger.claims.model import Claim

WHY = "a code that is not in force or not payable is denied"

NOT_PAID = {"B": "Medicare bundles this code and never pays it apart", "I": "Medicare uses another code for this service",
            "X": "Medicare excludes this code from Part B claims", "N": "Medicare does not cover this code"}  # fmt: skip


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Known codes exist on the day of service and are payable under Medicare."""
    for at, line, view in context.lines(claim):
        facts = code_facts(view, line.code, context.known_codes)
        if facts is None:
            continue
        if facts.exists is False:
            what = "the code does not exist on the day of service"
            yield Problem(f"lines[{at}].code", what, WHY, "use the code in force on that day")
        elif claim.payer.is_medicare_b and facts.status in NOT_PAID:
            yield Problem(
                f"lines[{at}].code", NOT_PAID[facts.status], WHY, "use the code Medicare pays, or do not bill"
            )
