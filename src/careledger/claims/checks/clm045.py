"""Day of service.

Looks at the day or days of service of every line.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a service without a day cannot be judged"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every line has a day of service."""
    for at, line in enumerate(claim.lines):
        if line.since is None or line.until is None:
            yield Problem(f"lines[{at}].since", "a line without a day of service", WHY, "enter the day of service")
