"""Hospice modifiers.

Looks at modifiers GV (attending not employed by the hospice) and GW (not related to the terminal illness): a line
carries one of them, never both.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the two contradict each other"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No line carries both GV and GW."""
    for at, line in enumerate(claim.lines):
        if "GV" in line.modifiers and "GW" in line.modifiers:
            yield Problem(f"lines[{at}].modifiers", "GV and GW on one line", WHY, "keep the one that is true")
