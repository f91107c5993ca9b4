"""Charges.

Looks at the charge of every line: more than zero. Enter your charges under ``charges`` in ``claims.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a service without a charge is not paid"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every line has a charge above zero."""
    for at, line in enumerate(claim.lines):
        if line.charge_cents <= 0:
            mend = "enter what the practice charges for the code under 'charges' in claims.yaml"
            yield Problem(f"lines[{at}].charge_cents", "a line without a charge above zero", WHY, mend)
