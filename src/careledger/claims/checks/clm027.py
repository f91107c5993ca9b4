"""Place of service.

Looks at the place of service of claim and lines: a two-digit code of CMS's list.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.codesets import codeset
from careledger.claims.model import Claim

WHY = "the fee depends on it"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Places of service are known codes."""
    known = codeset("pos")
    if claim.place not in known:
        yield Problem("place", "an unknown place of service", WHY, "use a code of CMS's list, such as 11 for an office")
    for at, line in enumerate(claim.lines):
        if line.place and line.place not in known:
            yield Problem(f"lines[{at}].place", "an unknown place of service", WHY, "use a code of CMS's list")
