"""A diagnosis.

Looks at the diagnoses of the claim: at least one.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "without a diagnosis no service is necessary"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim has a diagnosis."""
    if not claim.diagnoses:
        what = "the claim has no diagnosis"
        yield Problem("diagnoses", what, WHY, "record the patient's conditions, the most important first")
