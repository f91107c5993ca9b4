"""Billing and rendering number.

Looks at claims of a group: the rendering practitioner's NPI is not the group's.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an organisation cannot furnish a practitioner's service"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The rendering practitioner of an organisation has a number of their own."""
    if claim.rendering is None or claim.billing.is_person or not claim.billing.npi:
        return
    if claim.rendering.npi == claim.billing.npi:
        what = "the group's NPI stands for the practitioner"
        yield Problem("rendering.npi", what, WHY, "enter the practitioner's own NPI")
