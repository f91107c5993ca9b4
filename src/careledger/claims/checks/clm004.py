"""Taxonomy.

Looks at the taxonomy code of the billing and the rendering provider where one is given: ten characters, the last an
X, such as 207Q00000X for family medicine.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import people
from careledger.claims.model import Claim
from careledger.core.codes import taxonomy_problem

WHY = "the payer uses it to tell specialties of one NPI apart"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Taxonomy codes have the right shape."""
    for field, party in people(claim):
        problem = taxonomy_problem(party.taxonomy) if party.taxonomy else None
        if problem:
            yield Problem(
                f"{field}.taxonomy", problem, WHY, "take the code from the provider's entry in the NPI registry"
            )
