"""Overlapping programs.

Looks at the codes of one patient and month, on this claim and on earlier ones, against the table of services that are
not paid together: CCM by staff and by the practitioner, CCM and principal care management, CCM and care plan
oversight by one practitioner, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import never_in_a_month
from careledger.claims.model import Claim

WHY = "overlapping care management is denied or taken back (reasons 97, 236)"


def _relation(claim: Claim, practitioner: str, group: str) -> str:
    """How the one who billed earlier is related to the one who bills now."""
    if practitioner == claim.rendered_by.npi:
        return "self"
    return "group" if group == claim.billing.npi else "other"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No two services of a month that policy does not pay together."""
    own = [(line.code, "self") for line in claim.lines]
    for at, line, view in context.lines(claim):
        before = [(row.code, _relation(claim, row.practitioner, row.group)) for row in context.earlier.of(claim, line)]
        for code, who in {*own[:at], *before} - {(line.code, "self")}:
            if never_in_a_month(view, line.code, code, who):
                what = f"{line.code} is not paid beside {code} in one month"
                yield Problem(f"lines[{at}].code", what, WHY, "bill the one that is lawful and was chosen")
