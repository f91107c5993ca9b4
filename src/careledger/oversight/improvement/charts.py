"""A run chart's centre, limits, and signs of a special cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby, pairwise
from statistics import mean, median
from typing import Any

from careledger.policy.strict_yaml import load


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign of a special cause: the rule and the places of the points that show it."""

    rule: str
    says: str
    points: tuple[int, ...]


@cache
def rules() -> dict[str, Any]:
    """The rules' numbers."""
    found = load(resources.files(__package__).joinpath("rules.yaml").read_text(encoding="utf-8"), "rules.yaml").data
    assert isinstance(found, dict)
    return found


def centre_of(values: Sequence[float], baseline: int | None = None) -> float:
    """The median of the baseline points, or of all."""
    return float(median(values[:baseline] if baseline else values))


def limits_of(values: Sequence[float], baseline: int | None = None) -> tuple[float, float] | None:
    """Limits of an individuals chart by the mean moving range; None for fewer than two points."""
    used = values[:baseline] if baseline else values
    if len(used) < 2:
        return None
    reach = float(rules()["limit_factor"]) * mean(abs(after - before) for before, after in pairwise(used))
    return mean(used) - reach, mean(used) + reach


def signals(values: Sequence[float], centre: float, limits: tuple[float, float] | None = None) -> list[Signal]:
    """Every sign of a special cause on a chart, in the order of the rules."""
    return [*_shifts(values, centre), *_trends(values), *_runs(values, centre), *_outside(values, limits)]


def _shifts(values: Sequence[float], centre: float) -> Iterator[Signal]:
    off = [(place, value > centre) for place, value in enumerate(values) if value != centre]
    for above, group in groupby(off, key=lambda one: one[1]):
        points = tuple(place for place, _ in group)
        if len(points) >= rules()["shift_points"]:
            yield Signal("shift", f"{len(points)} points in a row {'above' if above else 'below'} the median", points)


def _trends(values: Sequence[float]) -> Iterator[Signal]:
    distinct = [place for place, value in enumerate(values) if place == 0 or value != values[place - 1]]
    steps = [(after, values[after] > values[before]) for before, after in pairwise(distinct)]
    for rises, group in groupby(steps, key=lambda one: one[1]):
        ends = [place for place, _ in group]
        points = (distinct[distinct.index(ends[0]) - 1], *ends)
        if len(points) >= rules()["trend_points"]:
            yield Signal("trend", f"{len(points)} points in a row {'rising' if rises else 'falling'}", points)


def _runs(values: Sequence[float], centre: float) -> Iterator[Signal]:
    sides = [value > centre for value in values if value != centre]
    above, below = sum(sides), len(sides) - sum(sides)
    if len(sides) < rules()["least_points"] or not above or not below:
        return
    runs = sum(1 for _ in groupby(sides))
    chance = rules()["runs_percent"] / 100
    if _chance_of_at_most(runs, above, below) < chance:
        yield Signal("few_runs", f"only {runs} runs about the median", ())
    elif 1 - _chance_of_at_most(runs - 1, above, below) < chance:
        yield Signal("many_runs", f"as many as {runs} runs about the median", ())


def _chance_of_at_most(runs: int, above: int, below: int) -> float:
    """Exact chance of so few runs when the order of points is by chance."""
    from math import comb

    ways = 0
    for number in range(2, runs + 1):
        half = number // 2
        if number % 2 == 0:
            ways += 2 * comb(above - 1, half - 1) * comb(below - 1, half - 1)
        else:
            ways += comb(above - 1, half) * comb(below - 1, half - 1) + comb(above - 1, half - 1) * comb(
                below - 1, half
            )
    return ways / comb(above + below, above)


def _outside(values: Sequence[float], limits: tuple[float, float] | None) -> Iterator[Signal]:
    points = tuple(place for place, value in enumerate(values) if limits and not limits[0] <= value <= limits[1])
    if points:
        yield Signal("outside", f"{len(points)} point{'s' * (len(points) > 1)} outside the limits", points)
