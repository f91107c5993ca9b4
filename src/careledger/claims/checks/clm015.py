"""Sex.

Looks at the patient's administrative sex: F, M or U on electronic claims. It must be the one the payer holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer compares it with its own record"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The patient's sex is F, M or U."""
    field = "insured.sex" if claim.patient is None else "patient.sex"
    if claim.treated.sex not in ("F", "M", "U"):
        yield Problem(
            field, "the patient's sex is not recorded as F, M or U", WHY, "enter the sex as the payer holds it"
        )
