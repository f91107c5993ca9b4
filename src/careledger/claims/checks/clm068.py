"""Oversight alone on its claim.

Looks at care plan oversight (G0181, G0182): nothing else stands on that claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an oversight claim with other services is returned"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Care plan oversight stands alone on its claim."""
    governed = context.governed("cpo.claim")
    for at, line, view in context.lines(claim):
        if line.code in governed and len(claim.lines) > 1 and view.flag("cpo.claim.alone_on_claim"):
            what = f"{line.code} is not alone on its claim"
            yield Problem(f"lines[{at}].code", what, WHY, "bill oversight on a claim of its own")
