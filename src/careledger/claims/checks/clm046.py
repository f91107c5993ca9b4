"""Order of days.

Looks at lines over several days: the first is not after the last.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a range that ends before it starts is rejected"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The first day of a line is not after its last."""
    for at, line in enumerate(claim.lines):
        if line.since and line.until and line.since > line.until:
            what = "the days of service run backwards"
            yield Problem(f"lines[{at}].since", what, WHY, "correct the first or the last day")
