"""Rendering practitioner of a group.

Looks at care management claims of a group: they must name the practitioner who did the work. A solo practitioner
bills under the own NPI and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "a group is paid for the work of a person it must name"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """A claim of an organisation names a rendering practitioner, on the claim or on every line."""
    if claim.billing.is_person or claim.rendering is not None:
        return
    if not any(line.code in context.known_codes for line in claim.lines):
        return
    if not all(line.rendering is not None for line in claim.lines):
        what = "a group bills, and no rendering practitioner is named"
        yield Problem("rendering", what, WHY, "name the practitioner who furnished the service")
