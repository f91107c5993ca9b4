"""Payer.

Looks at the payer's name and number. The number is what the clearing house or contractor uses to route the claim; for
Medicare Part B it is the contractor's number. Enter both under ``payers`` in ``claims.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "nobody can route a claim without it"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The payer has a name and a number."""
    if not claim.payer.name:
        yield Problem("payer.name", "the payer has no name", WHY, "enter the payer under 'payers' in claims.yaml")
    if not claim.payer.number:
        yield Problem("payer.number", "the payer has no number", WHY, "enter the payer under 'payers' in claims.yaml")
