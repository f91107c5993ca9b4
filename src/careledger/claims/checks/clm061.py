"""Add-on with its base.

Looks at add-on codes: their base stands on the same claim (99439 with 99490, 99489 with 99487, 99437 with 99491 and
so on).
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.checks.shared import code_facts
from careledger.claims.model import Claim

WHY = "an add-on alone is denied (reason 107, remark N122)"


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """Every add-on has its base on the claim."""
    codes = {line.code for line in claim.lines}
    for at, line, view in context.lines(claim):
        facts = code_facts(view, line.code, context.known_codes)
        if facts is None or facts.role != "add_on" or facts.base_code is None or facts.base_code in codes:
            continue
        what = f"add-on {line.code} without its base {facts.base_code}"
        yield Problem(f"lines[{at}].code", what, WHY, "put base and add-on on one claim")
