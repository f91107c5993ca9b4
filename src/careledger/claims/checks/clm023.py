"""Claim control number.

Looks at our account number of the claim: one to twenty characters, letters, digits and hyphens, since that is what
every payer returns whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "answers and payments are matched by it"

SHAPE = re.compile(r"[A-Za-z0-9./#-][A-Za-z0-9 ./#-]{0,37}")


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The control number is there and made of letters, digits and hyphens; at most 20 characters under Medicare."""
    number = claim.control_number
    if not number:
        yield Problem("control_number", "the claim has no control number", WHY, "give the claim a number")
    elif SHAPE.fullmatch(number) is None:
        yield Problem(
            "control_number", "a control number with unusual characters", WHY, "use letters, digits and hyphens"
        )
    elif len(number) > 20 and claim.payer.is_medicare_b:
        yield Problem("control_number", "a control number of more than 20 characters", WHY, "use at most 20 characters")
