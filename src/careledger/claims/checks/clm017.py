"""States and ZIP codes.

Looks at state abbreviations and the shape of ZIP codes of everybody on the claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import people, zip_problem
from careledger.claims.codesets import codeset
from careledger.claims.model import Claim

WHY = "the payer's address check refuses what the postal service does not know"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """States are known, and ZIP codes in the United States have five or nine digits."""
    found = [(f"{field}.address", party.address) for field, party in people(claim)]
    found.append(("insured.address", claim.insured.address))
    if claim.patient is not None:
        found.append(("patient.address", claim.patient.address))
    for field, address in found:
        if address.country in ("", "US", "USA") and address.state and address.state not in codeset("states"):
            yield Problem(f"{field}.state", "not a state abbreviation", WHY, "enter the two letters of the state")
        problem = zip_problem(address)
        if problem and field != "billing.address":
            yield Problem(f"{field}.zip", problem, WHY, "correct the ZIP code")
