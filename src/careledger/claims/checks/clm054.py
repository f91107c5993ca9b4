"""Shape of procedure codes.

Looks at procedure codes: five characters such as 99490 or G0181.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import hcpcs_problem

WHY = "an unknown procedure is rejected"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Procedure codes have five characters in the shape of CPT or HCPCS codes."""
    for at, line in enumerate(claim.lines):
        problem = hcpcs_problem(line.code)
        if problem:
            yield Problem(f"lines[{at}].code", problem, WHY, "correct the procedure code")
