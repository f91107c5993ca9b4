"""Rural clinics.

Looks at the setting: rural health clinics and federally qualified health centers bill care management on the
institutional claim, not here.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a professional claim of such a clinic is denied"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A claim of ours is not one of a rural health clinic or health center."""
    if context.facts is not None and context.facts.setting in ("rhc", "fqhc"):
        what = "a rural health clinic or health center on a professional claim"
        yield Problem("place", what, WHY, "bill it on the institutional claim (UB-04)")
