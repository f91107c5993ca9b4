"""Which reasons of a payer give money up by themselves. No denial does: what is not listed stays owed, as work."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from careledger.claims.model import Adjustment
from careledger.claims.x12.remittance import ClaimPayment, LinePayment

PATIENT = "PR"
_PATIENT_SHARE = frozenset(("1", "2", "3", "66"))
_EARLIER_PAYER = ("OA", "23")


@cache
def _accounts() -> dict[tuple[str, str], str]:
    with resources.files(__package__).joinpath("accounts.csv").open(encoding="utf-8") as stream:
        return {(row["group"], row["reason"]): row["account"] for row in csv.DictReader(stream)}


def account_of(row: Adjustment) -> str:
    """The account an adjustment is given up on; empty when it is not given up by itself."""
    return _accounts().get((row.group, row.reason), "")


def denied(row: Adjustment) -> bool:
    """Does the adjustment refuse what was asked for, instead of pricing it or leaving it to the patient?"""
    if row.group == PATIENT and row.reason in _PATIENT_SHARE:
        return False
    return (row.group, row.reason) != _EARLIER_PAYER and not account_of(row)


def was_priced(line: LinePayment | ClaimPayment) -> bool:
    """Did the payer allow the service? Only then does a reduction by contract stand; else it is part of a denial."""
    return bool(line.paid_cents) or any(
        row.group == PATIENT and row.reason in _PATIENT_SHARE and row.amount_cents for row in line.adjustments
    )
