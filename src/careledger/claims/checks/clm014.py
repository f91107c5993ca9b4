"""Date of birth.

Looks at the patient's date of birth: there, not after the first day of service, and not more than 120 years before
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer compares the date of birth with its own"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The patient has a date of birth that can be true on the day of service."""
    field = "insured.born_on" if claim.patient is None else "patient.born_on"
    born = claim.treated.born_on
    if born is None:
        yield Problem(field, "the patient has no date of birth", WHY, "enter the date of birth")
        return
    day = claim.since or context.sent_on
    if born > day:
        yield Problem(field, "the patient is born after the day of service", WHY, "correct the date of birth")
    elif day.year - born.year > 120:
        yield Problem(field, "the patient would be more than 120 years old", WHY, "correct the date of birth")
