"""Shape of modifiers.

Looks at modifiers: two letters or digits each, at most four.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a modifier nobody knows makes the line invalid"

SHAPE = re.compile(r"[A-Z0-9]{2}")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Modifiers have two characters, and there are at most four."""
    for at, line in enumerate(claim.lines):
        if any(SHAPE.fullmatch(modifier) is None for modifier in line.modifiers):
            yield Problem(f"lines[{at}].modifiers", "a modifier without two characters", WHY, "correct the modifier")
        if len(line.modifiers) > 4:
            yield Problem(f"lines[{at}].modifiers", "more than four modifiers", WHY, "keep the four that matter")
