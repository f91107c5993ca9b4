"""Names of practitioners.

Looks at the practitioners named on the claim: family name and given name, as in the Medicare enrolment file, without
credentials.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import people
from careledger.claims.model import Claim

WHY = "the payer compares the name with its enrolment file"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every person among the providers has a family name and a given name."""
    for field, party in people(claim):
        if party.is_person and not party.last:
            yield Problem(f"{field}.last", "a practitioner without a family name", WHY, "enter the name as enrolled")
        elif party.is_person and not party.first:
            yield Problem(f"{field}.first", "a practitioner without a given name", WHY, "enter the name as enrolled")
