"""Pointer to an absent diagnosis.

Looks at each line's pointers: every one leads to a diagnosis of the claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer cannot see what the service was for"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Pointers lead to diagnoses that are there."""
    for at, line in enumerate(claim.lines):
        if any(not 1 <= pointer <= len(claim.diagnoses) for pointer in line.pointers):
            what = "a pointer to a diagnosis that is not on the claim"
            yield Problem(f"lines[{at}].pointers", what, WHY, "add the diagnosis, or correct the pointer")
