"""A goal's readings over time as SVG, made on the server; attributes and the stylesheet's classes only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from careledger.web.plans.targets import Target

LEFT, RIGHT, TOP, BOTTOM = 52.0, 624.0, 14.0, 176.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A reading's place; ``is_met`` when it reaches the target."""

    x: float
    y: float
    value: str
    on: date
    is_met: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws.

    Attributes:
        path: the line through the readings.
        band: y and height of the range that is aimed at; None without a target.
        ticks: y and words of the value axis.
        days: x, day and where its words are anchored.
    """

    dots: tuple[Dot, ...]
    path: str
    band: tuple[float, float] | None
    limits: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, date, str], ...]
    says: str


def progress_chart(readings: Sequence[tuple[date, Decimal]], target: Target | None, measure: str) -> Chart | None:
    """The chart of readings in order of time; None without any."""
    if not readings:
        return None
    limits = [] if target is None else [one for one in (target.value, target.high) if one is not None]
    low, high = _range([value for _, value in readings] + limits)
    first, last = readings[0][0], readings[-1][0]
    days = max((last - first).days, 1)

    def x(on: date) -> float:
        return round(
            (LEFT + RIGHT) / 2 if first == last else LEFT + 16 + (on - first).days / days * (RIGHT - LEFT - 32), 1
        )

    def y(value: Decimal) -> float:
        return round(BOTTOM - float((value - low) / (high - low)) * (BOTTOM - TOP), 1)

    dots = tuple(
        Dot(x(on), y(value), plain(value), on, target is not None and target.is_met_by(value)) for on, value in readings
    )
    return Chart(
        dots=dots,
        path=" ".join(f"{'M' if place == 0 else 'L'}{dot.x} {dot.y}" for place, dot in enumerate(dots)),
        band=None if target is None else _band(target, y),
        limits=tuple((y(one), plain(one)) for one in limits),
        ticks=tuple(
            (y(value), plain(value)) for value in (low, high) if all(abs(y(value) - y(one)) > 24 for one in limits)
        ),
        days=((dots[0].x, first, "start"), (dots[-1].x, last, "end"))
        if first != last
        else ((dots[0].x, first, "middle"),),
        says=f"{measure}: {len(readings)} readings, the last {plain(readings[-1][1])}",
    )


def plain(value: Decimal) -> str:
    """A number without useless noughts: ``128``, ``7.5``."""
    return f"{value.normalize():f}"


def _range(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values), max(values)
    room = (high - low) / 8 if high > low else max(abs(high) / 10, Decimal(1))
    floor = low - room
    return Decimal(math.floor(floor)) if floor >= 0 or low < 0 else Decimal(0), Decimal(math.floor(high + room) + 1)


def _band(target: Target, y: Callable[[Decimal], float]) -> tuple[float, float]:
    limit = y(target.value)
    if target.direction == "between" and target.high is not None:
        top = y(target.high)
        return top, round(limit - top, 1)
    return (limit, round(BOTTOM - limit, 1)) if target.direction == "at_most" else (TOP, round(limit - TOP, 1))
