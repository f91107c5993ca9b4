"""NPI of others.

Looks at the NPI of the referring or supervising practitioner, of the service facility and of practitioners named on a
line, where one is given: ten digits, the first a 1 or 2, check digit right.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import parties
from careledger.claims.model import Claim
from careledger.core.codes import npi_problem

WHY = "the payer looks every named provider up"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The NPI of everybody else on the claim is well formed and its check digit is right."""
    for field, party in parties(claim):
        problem = npi_problem(party.npi) if party.npi else None
        if problem:
            yield Problem(f"{field}.npi", problem, WHY, "correct the NPI, or leave it out where it is not asked for")
