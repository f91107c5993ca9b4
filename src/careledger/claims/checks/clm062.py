"""Add-on units of the month.

Looks at the units of add-on codes in a month against the limit of policy: two of 99439, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import add_on_limits
from careledger.claims.model import Claim

WHY = "units above the monthly limit are denied (reason 119)"

TOPICS = ("ccm.clinical_staff_time", "ccm.practitioner_time", "ccm.complex")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Add-on units of a month stay within the limit."""
    units: Counter[str] = Counter()
    for at, line, view in context.lines(claim):
        limit = add_on_limits(view, TOPICS).get(line.code)
        if limit is None:
            continue
        units[line.code] += int(line.units)
        if units[line.code] > limit:
            what = f"more than {limit} units of {line.code} in the month"
            yield Problem(f"lines[{at}].units", what, WHY, "bill the units the limit allows")
