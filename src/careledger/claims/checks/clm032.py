"""Signature of the provider.

Looks at the provider's signature on the claim: it says that the services were furnished as billed.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an unsigned claim is returned"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim says that the provider's signature is on file."""
    if not claim.signed and (context.facts is None or context.facts.attested):
        yield Problem("signed", "the provider's signature is not on file", WHY, "have the practitioner sign")
