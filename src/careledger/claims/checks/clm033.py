"""Attestation of the month.

Looks at the practitioner's word that the month's services were furnished as logged: a row in ``attestations.csv`` for
the patient's month, or for the whole month, or ``attestation: on_file`` in ``claims.yaml`` when the practice keeps a
standing signature.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the practitioner answers for every claim"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The practitioner attested to the patient's month."""
    if context.facts is not None and not context.facts.attested:
        mend = "have the practitioner attest to the month (attestations.csv), then build again"
        yield Problem("signed", "the practitioner has not attested to the month", WHY, mend)
