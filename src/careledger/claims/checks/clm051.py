"""Day of service in a hospital stay.

Looks at the patient's stays and the day of service: the day a CCM line carries is not one on which the patient was an
inpatient.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer compares the day with the hospital's claim"

KINDS = ("inpatient", "snf_part_a", "psychiatric", "rehab", "ltch")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A service of one day does not fall into an inpatient stay."""
    stays = context.facts.stays if context.facts else ()
    for at, line in enumerate(claim.lines):
        day = line.until
        if day is None or line.since != day or context.family(line.code) != "ccm":
            continue
        if any(stay.kind in KINDS and stay.since < day and (stay.until is None or day < stay.until) for stay in stays):
            mend = "use a later day of the month on which the patient was home, or the day the threshold was reached"
            yield Problem(f"lines[{at}].until", "the day of service lies within a facility stay", WHY, mend)
