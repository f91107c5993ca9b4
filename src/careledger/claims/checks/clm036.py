"""Twelve diagnoses.

Looks at the number of diagnoses: a claim holds twelve. Claims built here are divided on their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "neither the form nor the electronic claim holds more than twelve"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim has at most twelve diagnoses."""
    if len(claim.diagnoses) > 12:
        yield Problem(
            "diagnoses", "more than twelve diagnoses", WHY, "keep those the services were for, or divide the claim"
        )
