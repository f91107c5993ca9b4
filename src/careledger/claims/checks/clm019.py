"""Claim filing indicator.

Looks at the kind of insurance: MB for Medicare Part B, MC Medicaid, CI commercial, 16 Medicare Advantage, and others.
"""

from __future__ import annotations

from collections.abc import Iterator

from careledger.claims.checks.base import Context, Problem
from careledger.claims.model import Claim

WHY = "the receiver sorts claims by it"

KINDS = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "BL",
        "CH",
        "CI",
        "DS",
        "FI",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)


def check(claim: Claim, context: Context) -> Iterator[Problem]:
    """The claim filing indicator is there and known."""
    if claim.payer.filing not in KINDS:
        what = "the kind of insurance is missing or unknown"
        yield Problem(
            "payer.filing", what, WHY, "enter 'filing' for the payer in claims.yaml, such as MB for Medicare Part B"
        )
