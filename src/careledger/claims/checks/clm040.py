"""First diagnosis.

Looks at the first diagnosis: a condition, not an external cause (codes V, W, X and Y say how an injury happened and
never stand first).
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an external cause cannot be the reason for the service"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The first diagnosis is not an external cause."""
    if claim.diagnosis_kind == "ABK" and claim.diagnoses and claim.diagnoses[0][:1] in ("V", "W", "X", "Y"):
        yield Problem(
            "diagnoses[0]", "an external cause stands first", WHY, "put the condition that was cared for first"
        )
