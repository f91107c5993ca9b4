"""Cents are rounded once, half up."""

from decimal import Decimal

import pytest

from careledger.core.money import dollars, share_cents, to_cents


@pytest.mark.parametrize(("amount", "cents"), [("66.125", 6613), ("66.1249", 6612), ("0.005", 1), ("0", 0)])
def test_it_rounds_half_up(amount: str, cents: int) -> None:
    assert to_cents(Decimal(amount)) == cents


def test_twenty_percent_of_a_fee() -> None:
    assert share_cents(6613, Decimal(20)) == 1323


@pytest.mark.parametrize(("cents", "text"), [(123450, "$1,234.50"), (-7, "-$0.07"), (0, "$0.00"), (5, "$0.05")])
def test_money_is_shown_one_way(cents: int, text: str) -> None:
    assert dollars(cents) == text
