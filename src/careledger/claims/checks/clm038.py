"""Diagnosis named twice.

Looks for a diagnosis that stands on the claim twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a repeated diagnosis is refused by many payers, and takes the room of another"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No diagnosis is repeated."""
    seen: set[str] = set()
    for at, code in enumerate(claim.diagnoses):
        if code in seen:
            yield Problem(f"diagnoses[{at}]", "a diagnosis stands on the claim twice", WHY, "remove the second one")
        seen.add(code)
