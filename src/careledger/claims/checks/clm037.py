"""Shape of diagnosis codes.

Looks at every ICD-10-CM code: a letter, a digit, a digit or A or B, then up to four more characters, and no point.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import icd10_problem

WHY = "the claim is returned with an invalid diagnosis"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Diagnosis codes have the shape of ICD-10-CM codes and no point."""
    if claim.diagnosis_kind != "ABK":
        return
    for at, code in enumerate(claim.diagnoses):
        problem = "a diagnosis code with a point" if "." in code else icd10_problem(code)
        if problem:
            yield Problem(f"diagnoses[{at}]", problem, WHY, "correct the code in the patient's conditions")
