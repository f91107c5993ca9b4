"""Pointers of a line.

Looks at each line's pointers to diagnoses: one to four, the most important first.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "every service must say what it was for"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every line points to one to four diagnoses."""
    for at, line in enumerate(claim.lines):
        if not line.pointers:
            yield Problem(
                f"lines[{at}].pointers", "a line that points to no diagnosis", WHY, "point it to its diagnoses"
            )
        elif len(line.pointers) > 4:
            yield Problem(
                f"lines[{at}].pointers", "a line with more than four pointers", WHY, "keep the four most important"
            )
