"""Address of the patient.

Looks at the patient's address: street, city and, inside the United States, state and ZIP code.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a claim whose patient is the insured must carry the patient's address"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The patient's address is complete."""
    who = "insured" if claim.patient is None else "patient"
    address = claim.treated.address
    parts = ("street", "city") if address.country not in ("", "US", "USA") else ("street", "city", "state", "zip")
    for part in parts:
        if not getattr(address, part):
            what = f"the patient's address has no {'ZIP code' if part == 'zip' else part}"
            yield Problem(f"{who}.address.{part}", what, WHY, "complete the address")
