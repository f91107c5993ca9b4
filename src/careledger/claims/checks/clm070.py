"""Agency of the oversight.

Looks at care plan oversight: the claim names the NPI of the home health agency or hospice (item 23 on paper, REF*1J
on the wire). Enter ``agency_npi`` in ``agency_episodes.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim
from careledger.core.codes import npi_problem

WHY = "without the agency the claim is returned (remark MA76)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Care plan oversight carries a valid agency NPI, and no other claim carries a wrong one."""
    problem = npi_problem(claim.agency_npi) if claim.agency_npi else None
    if problem:
        yield Problem("agency_npi", f"the agency's number: {problem}", WHY, "correct the agency's NPI")
    governed = context.governed("cpo.claim")
    if not claim.agency_npi and any(line.code in governed for _, line, _ in context.lines(claim)):
        what = "oversight without the agency's NPI"
        yield Problem("agency_npi", what, WHY, "enter the NPI of the home health agency or hospice")
