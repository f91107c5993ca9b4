"""Code set of the diagnoses.

Looks at the qualifier of the diagnoses: ICD-10-CM for services since October 2015, never mixed with the older set.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "diagnoses of the wrong code set are returned"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Services since 2015-10-01 carry ICD-10-CM diagnoses."""
    day = claim.until
    if claim.diagnosis_kind == "ABK" or day is None:
        return
    first = context.policy.timeline("claims.filing.adopted_diagnosis_codes")[0].since
    if day >= first:
        what = "the diagnoses are marked as ICD-9"
        yield Problem("diagnosis_kind", what, WHY, "mark them as ICD-10-CM (ABK and ABF)")
