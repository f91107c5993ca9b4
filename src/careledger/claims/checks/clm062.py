"""Add-on units of the month.

Looks at the units of add-on codes in a month against the limit of policy: two of 99439, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "units above the monthly limit are denied (reason 119)"

TOPICS = ("ccm.clinical_staff_time", "ccm.practitioner_time", "ccm.complex")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Add-on units of a month stay within the limit."""
    units: Counter[str] = Counter()
    for at, line, view in context.lines(claim):
        for topic in TOPICS:
            code, limit = view.find(f"{topic}.add_on_code"), view.find(f"{topic}.add_on_limit")
            if code is None or limit is None or code.value != line.code:
                continue
            units[line.code] += int(line.units)
            if units[line.code] > int(str(limit.value)):
                what = f"more than {limit.value} units of {line.code} in the month"
                yield Problem(f"lines[{at}].units", what, WHY, "bill the units the limit allows")
