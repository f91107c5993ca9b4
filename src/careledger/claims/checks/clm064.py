"""Duplicate service.

Looks for the same code on the same day for the same patient by the same practitioner, on this claim or an earlier
one.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "an exact duplicate is denied (reason 18)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """No service stands twice."""
    seen: set[tuple[object, ...]] = set()
    for at, line in enumerate(claim.lines):
        key = (line.code, line.modifiers, line.since, line.until)
        rendering = (line.rendering or claim.rendered_by).npi
        before = any(
            (row.code, row.since, row.until, row.practitioner) == (line.code, line.since, line.until, rendering)
            and row.control_number != claim.control_number
            for row in context.earlier.of(claim, line)
        )
        if key in seen or before:
            yield Problem(f"lines[{at}].code", "the same service is billed twice", WHY, "remove one of the two")
        seen.add(key)
