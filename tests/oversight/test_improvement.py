"""Run charts show what is more than chance, and stay silent otherwise."""

from __future__ import annotations

from itertools import combinations, groupby
from pathlib import Path

import pytest

from careledger.core.errors import InputError
from careledger.oversight.improvement.aims import read_aims
from careledger.oversight.improvement.charts import _chance_of_at_most, centre_of, limits_of, signals

QUIET = [5.0, 7.0, 4.0, 6.0, 6.5, 4.5, 7.0, 5.0, 5.5, 6.2, 4.2, 6.1]


def found(values: list[float]) -> list[str]:
    return [signal.rule for signal in signals(values, centre_of(values), None)]


def test_chance_is_no_signal() -> None:
    assert signals(QUIET, centre_of(QUIET), limits_of(QUIET)) == []


@pytest.mark.parametrize(("high", "told"), [(5, []), (6, ["shift"])])
def test_six_points_on_one_side_are_a_shift_and_five_are_none(high: int, told: list[str]) -> None:
    values = [4.0, 6.0, 5.0, 4.5, *[7.0, 8.0, 7.5, 8.5, 7.2, 8.1][:high]]
    assert [signal.rule for signal in signals(values, 6.0)] == told


def test_points_on_the_median_neither_count_nor_break() -> None:
    values = [7.0, 8.0, 6.0, 7.5, 8.5, 6.0, 7.2, 8.1]
    assert [(signal.rule, signal.points) for signal in signals(values, 6.0)] == [("shift", (0, 1, 3, 4, 6, 7))]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([3.0, 4.0, 5.0, 6.0, 1.0], []),
        ([3.0, 4.0, 5.0, 6.0, 7.0, 1.0], ["trend"]),
        ([3.0, 4.0, 4.0, 5.0, 6.0, 1.0], []),
        ([7.0, 6.0, 5.0, 4.0, 3.0], ["trend"]),
    ],
)
def test_five_points_rising_or_falling_are_a_trend(values: list[float], told: list[str]) -> None:
    assert [signal.rule for signal in signals(values, 4.6)] == told


def test_too_few_and_too_many_runs() -> None:
    assert "few_runs" in found([1.0, 2.0, 1.5, 2.2, 1.1, 8.0, 9.0, 8.5, 9.2, 8.1])
    assert "many_runs" in found([1.0, 9.0, 2.0, 8.0, 1.5, 9.5, 1.2, 8.8, 1.7, 9.1, 1.4, 8.3])


def test_the_chance_of_runs_agrees_with_counting_every_order() -> None:
    orders = [[place in up for place in range(8)] for up in combinations(range(8), 4)]
    for runs in range(2, 9):
        counted = sum(sum(1 for _ in groupby(order)) <= runs for order in orders) / len(orders)
        assert _chance_of_at_most(runs, 4, 4) == pytest.approx(counted)


def test_a_point_beyond_the_limits_is_told() -> None:
    values = [*QUIET, 20.0]
    limits = limits_of(values, 12)
    assert [signal.points for signal in signals(values, centre_of(values, 12), limits)] == [(12,)]


AIM = "{aim_id: a, says: s, measure: m, target: 9, by: 2026-12-31, owner: rn%s}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("practice: x", "there are no aims"),
        ("aims: [{aim_id: a}]", r"aims\[1\]: the aim cannot be read \('target'\)"),
        (f"aims: [{AIM % ', better: sideways'}]", "neither up nor down"),
        (f"aims: [{AIM % ', points: [{period: b, value: 1}, {period: a, value: 2}]'}]", "periods are not in order"),
    ],
)
def test_a_faulty_file_of_aims_is_refused_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "aims.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=problem):
        read_aims(file)


@pytest.mark.parametrize(("better", "met"), [("up", True), ("down", False)])
def test_an_aim_is_met_in_its_own_direction(tmp_path: Path, better: str, met: bool) -> None:
    file = tmp_path / "aims.yaml"
    file.write_text(f"aims: [{AIM % f', better: {better}, points: [{{period: a, value: 10}}]'}]")
    assert read_aims(file)[1][0].is_met is met
