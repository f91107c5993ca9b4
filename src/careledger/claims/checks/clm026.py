"""Payer's number of the claim that is replaced.

Looks at replacements and voids: they name the payer's own number of the claim they change. An original claim names
none.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import REPLACEMENT, VOID, Claim

WHY = "the payer cannot find the claim to change"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A replacement or void has the payer's control number."""
    if claim.frequency in (REPLACEMENT, VOID) and not claim.original_ref:
        what = "a replacement or void without the payer's number of the earlier claim"
        yield Problem("original_ref", what, WHY, "enter the number from the remittance of the earlier claim")
