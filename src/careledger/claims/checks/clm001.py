"""Billing NPI.

Looks at the National Provider Identifier of the billing provider: ten digits, the first a 1 or 2, and the last one
the check digit over the others with the prefix 80840. A payer that cannot find the number returns the whole claim.
Correct ``npi`` in ``practices.csv``; the registry of CMS shows the right one.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import npi_problem

WHY = "the payer finds the practice by this number"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The billing provider's NPI is well formed and its check digit is right."""
    npi = claim.billing.npi
    problem = npi_problem(npi) if npi else "the billing provider has no NPI"
    if problem:
        yield Problem("billing.npi", problem, WHY, "correct the practice's NPI")
