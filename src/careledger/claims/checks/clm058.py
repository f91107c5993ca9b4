"""Modifiers that do not belong to care management.

Looks at lines for care management and oversight: modifiers of visits (24, 25, 57, AI), of telehealth (93, 95, FQ, GQ,
GT) and of rural clinics (CG) do not belong to them. Modifier 25 goes on the visit of the same day, not on the month's
service.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a modifier that does not fit the service is denied (reason 4)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Monthly care management carries no modifier of another kind of service."""
    governed = context.governed("claims.modifiers")
    for at, line, view in context.lines(claim):
        if not line.modifiers or line.code not in governed:
            continue
        for kind in ("visit_only", "telehealth_only", "rural_only"):
            for modifier in view.words(f"claims.modifiers.{kind}"):
                if modifier in line.modifiers:
                    what = f"modifier {modifier} does not belong to care management"
                    yield Problem(f"lines[{at}].modifiers", what, WHY, f"remove modifier {modifier} from this line")
