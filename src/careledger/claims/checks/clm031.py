"""Lines.

Looks at the number of lines: at least one, at most fifty on an electronic claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the format holds one to fifty lines a claim"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A claim has one to fifty lines."""
    if not claim.lines:
        yield Problem("lines", "a claim without a line", WHY, "add the service, or do not send the claim")
    elif len(claim.lines) > 50:
        yield Problem("lines", "more than fifty lines", WHY, "divide the claim")
