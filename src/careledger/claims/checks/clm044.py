"""Two chronic conditions.

Looks at CCM claims built from our records: they carry at least as many diagnoses as CCM asks chronic conditions.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "auditors look for the chronic conditions on the claim first"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A CCM claim of ours carries at least two diagnoses."""
    if context.facts is None:
        return
    for at, line, view in context.lines(claim):
        if context.family(line.code) != "ccm" or line.code == "G0506":
            continue
        needed = view.number("ccm.eligibility.chronic_conditions")
        if len(claim.diagnoses) < needed:
            what = f"fewer than {needed} diagnoses for chronic care management"
            yield Problem(f"lines[{at}].pointers", what, WHY, "record the chronic conditions that are cared for")
            return
