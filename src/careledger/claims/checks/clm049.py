"""Day of service after death.

Looks at the patient's date of death and the days of service.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a service after death is denied (reason 13) and looked into"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No service lies after the patient's death."""
    died = context.facts.died_on if context.facts else None
    for at, line in enumerate(claim.lines):
        if died is not None and line.until is not None and line.until > died:
            mend = "use a day on which the threshold was reached in life, or do not bill"
            yield Problem(f"lines[{at}].until", "the day of service lies after the patient's death", WHY, mend)
