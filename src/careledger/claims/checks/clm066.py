"""Pairs that are never paid on one day.

Looks at two codes on one day by one practitioner against the pairs of the National Correct Coding Initiative in force
on that day: some are never paid together, some only with a modifier.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import ncci_rule
from careledger.claims.model import Claim

WHY = "the second code of such a pair is denied (reason 236)"

RELEASING = frozenset(["24", "25", "27", "57", "58", "59", "78", "79", "91", "XE", "XP", "XS", "XU"])


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No pair of one day that is barred, and none that needs a modifier and has none."""
    lines = list(context.lines(claim))
    for (_, first, _), (at, second, view) in combinations(lines, 2):
        if first.until != second.until or first.code == second.code:
            continue
        pair = f"{first.code} and {second.code}"
        rule = ncci_rule(view, first.code, second.code)
        if rule == "never":
            what = f"{pair} are never paid on one day"
            yield Problem(f"lines[{at}].code", what, WHY, "bill one of the two")
        elif rule == "modifier" and not RELEASING & {*first.modifiers, *second.modifiers}:
            what = f"{pair} are paid on one day only with a modifier"
            yield Problem(
                f"lines[{at}].modifiers", what, WHY, "add the modifier that says why, if it is true, or bill one"
            )
