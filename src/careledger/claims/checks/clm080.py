"""Patient and practitioner are known.

Looks at the tables: the patient stands in ``patients`` and the practitioner in ``people``.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a claim cannot be made for someone nobody knows"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Patient and practitioner of a claim of ours are in the tables."""
    if context.facts is None:
        return
    if not context.facts.patient_known:
        yield Problem("patient_id", "the patient is not in the tables", WHY, "add the patient, or correct the id")
    if not context.facts.practitioner_known:
        yield Problem(
            "practitioner_id", "the practitioner is not in the tables", WHY, "add the person, or correct the id"
        )
