"""Pointer named twice.

Looks for a line that points to one diagnosis twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a repeated pointer says nothing and is refused by some payers"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No line repeats a pointer."""
    for at, line in enumerate(claim.lines):
        if len(set(line.pointers)) < len(line.pointers):
            yield Problem(
                f"lines[{at}].pointers", "a line points to a diagnosis twice", WHY, "remove the second pointer"
            )
