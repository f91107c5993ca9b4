"""The numbered claim checks: one file a check, its docstring the help page for the biller.

A number is never used again. ``CHECKS`` is the order in which they run: identifiers, people, payer, claim, diagnoses, days,
codes, overlaps, oversight, earlier payers.
"""

from __future__ import annotations

import importlib
from functools import cache

from careledger.claims.checks.base import Check, Context, Earlier, Problem
from careledger.claims.model import Claim, Hold

LAST = 82
"""The highest number given so far."""


@cache
def checks() -> tuple[tuple[str, Check], ...]:
    """Every check with its id, in order."""
    found = []
    for number in range(1, LAST + 1):
        module = importlib.import_module(f"{__name__}.clm{number:03d}")
        found.append((f"CLM{number:03d}", module.check))
    return tuple(found)


def help_page(check: str) -> str:
    """The help page of a check, for the biller."""
    module = importlib.import_module(f"{__name__}.{check.lower()}")
    why: str = module.WHY
    return f"{(module.__doc__ or '').strip()}\n\nWhy it matters: {why}."


def holds(claim: Claim, context: Context) -> tuple[Hold, ...]:
    """Everything that keeps a claim from leaving; the claim is then remembered for those that follow."""
    found = tuple(
        Hold(check=id_, field=problem.field, what=problem.what, why=problem.why, mend=problem.mend)
        for id_, check in checks()
        for problem in check(claim, context)
    )
    context.earlier.add(claim)
    return found


__all__ = ["Check", "Context", "Earlier", "Hold", "Problem", "checks", "help_page", "holds"]
