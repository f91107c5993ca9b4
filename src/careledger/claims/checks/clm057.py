"""Modifier named twice.

Looks for a modifier that stands on a line twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a repeated modifier is refused as an error of entry"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No line repeats a modifier."""
    for at, line in enumerate(claim.lines):
        if len(set(line.modifiers)) < len(line.modifiers):
            yield Problem(f"lines[{at}].modifiers", "a modifier stands on the line twice", WHY, "remove the second one")
