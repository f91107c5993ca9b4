"""The report of what no vignette exercises is empty."""

from __future__ import annotations

import pytest
from tests.rule_coverage.report import Unexercised, unexercised

from careledger.policy import load_policy
from careledger.policy.model import BEGIN, HORIZON
from careledger.rules.registry import REQUIREMENTS

pytestmark = pytest.mark.xdist_group("rule_coverage")


@pytest.fixture(scope="module")
def report() -> Unexercised:
    return unexercised()


def test_every_dated_value_that_rules_read_is_read_by_a_vignette(report: Unexercised) -> None:
    assert report.values == ()


def test_every_branch_of_every_rule_is_taken_by_a_vignette(report: Unexercised) -> None:
    assert report.branches == ()


def test_every_value_is_read_or_told_or_read_elsewhere(report: Unexercised) -> None:
    assert report.unread == ()


def test_the_dates_of_every_code_with_rules_are_held() -> None:
    policy = load_policy()
    for day in (BEGIN, HORIZON):
        assert not [code for code in REQUIREMENTS if policy.on(day).code(code).exists is None]
