"""Place of oversight.

Looks at care plan oversight: patients of hospitals, skilled nursing and nursing facilities are not covered, so places
21, 31, 32, 51 and 61 do not fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "oversight is paid for patients at home or in hospice care"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Care plan oversight is not billed from a facility whose patients are not covered."""
    governed = context.governed("cpo.claim")
    for at, line, view in context.lines(claim):
        place = line.place or claim.place
        if line.code in governed and place in view.words("claims.places.oversight_never"):
            what = "oversight of a patient in a facility that is not covered"
            yield Problem(f"lines[{at}].place" if line.place else "place", what, WHY, "check where the patient lives")
