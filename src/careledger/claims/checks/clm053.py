"""Enrolment before service.

Looks at the first day of the program for the patient and the days of service.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "time before the start of the program does not count"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No CCM service lies before the patient's start in the program."""
    rows = context.facts.enrolments if context.facts else ()
    starts = [row.started_on for row in rows if row.program == "ccm"]
    for at, line in enumerate(claim.lines):
        if (
            starts
            and line.until
            and context.family(line.code) == "ccm"
            and line.code != "G0506"
            and line.until < min(starts)
        ):
            what = "the service lies before the program starts"
            yield Problem(f"lines[{at}].until", what, WHY, "correct the day, or the start of the program")
