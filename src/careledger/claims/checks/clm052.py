"""Consent before service.

Looks at the patient's consent to chronic care management: given on or before the last day of service, to the
practitioner who bills.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an auditor asks for the consent first"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A CCM claim of ours has a consent that was given before the day of service."""
    if context.facts is None:
        return
    consents = [row for row in context.facts.consents if row.program == "ccm" and row.given_on is not None]
    for at, line in enumerate(claim.lines):
        if context.family(line.code) != "ccm" or line.code == "G0506" or line.until is None:
            continue
        if not any(row.given_on is not None and row.given_on <= line.until for row in consents):
            what = "no consent on or before the day of service"
            yield Problem(f"lines[{at}].until", what, WHY, "find the consent, or do not bill")
