"""Claim control number used twice.

Looks at the control numbers of all claims of a file or a build: each stands for one claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a payment could not be matched to one of the two, and the second is refused as a duplicate"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No other claim of the file has the same control number."""
    if claim.control_number and claim.control_number in context.earlier.control_numbers:
        what = "another claim has the same control number"
        yield Problem("control_number", what, WHY, "give each claim its own number, and send each once")
