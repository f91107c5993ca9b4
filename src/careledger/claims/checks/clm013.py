"""Name of the patient.

Looks at the names of patient and insured: family name and given name, as on the insurance card.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the payer compares the name with the card it issued"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Patient and insured have a family name and a given name."""
    named = (("insured", claim.insured), ("patient", claim.patient))
    for field, who in named:
        if who is None or not who.is_person:
            continue
        if not who.last:
            yield Problem(f"{field}.last", "no family name", WHY, "enter the name as on the insurance card")
        if not who.first:
            yield Problem(f"{field}.first", "no given name", WHY, "enter the name as on the insurance card")
