"""Rendering NPI.

Looks at the NPI of the practitioner who did the work: ten digits, the first a 1 or 2, check digit right. Correct
``npi`` in ``people.csv``. Medicare links it to the group, so it must be the person's own number and not the
practice's.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import npi_problem

WHY = "the payer finds the practitioner by this number"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The rendering practitioner's NPI is there, well formed, and its check digit is right."""
    if claim.rendering is None:
        return
    npi = claim.rendering.npi
    problem = npi_problem(npi) if npi else "the rendering practitioner has no NPI"
    if problem:
        yield Problem("rendering.npi", problem, WHY, "correct the practitioner's NPI")
