"""Aims as the improvement rules read them, and their run charts in a picture's coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from careledger.documents.board_report import read_chart
from careledger.oversight.improvement import aims as domain
from careledger.oversight.improvement.charts import Signal
from careledger.web.oversight.models import Aim
from careledger.web.oversight.queries import Point, line_of

WIDTH, HEIGHT, LEFT, TOP = 600, 170, 52, 16


@dataclass(frozen=True, slots=True)
class Chart:
    """A run chart: points, the centre, the target, and the signs of a special cause."""

    points: tuple[tuple[Point, bool], ...]
    line: str
    centre_y: float
    target_y: float
    centre: float
    signals: tuple[Signal, ...]


def all_aims() -> list[domain.Aim]:
    """Every aim of the organisation in scope with its points, cycles and notes."""
    found = Aim.objects.prefetch_related("points", "cycles", "notes")
    return [as_domain(row) for row in found]


def as_domain(row: Aim) -> domain.Aim:
    """A row as the improvement rules know it; of a period's values the last recorded one stands."""
    points = {point.period: point.value for point in row.points.all()}
    cycles = tuple(
        domain.Cycle(cycle_id=str(place), since=one.since, plan=one.plan, do=one.do, study=one.study, act=one.act)
        for place, one in enumerate(row.cycles.all(), 1)
    )
    return domain.Aim(
        aim_id=f"aim {row.pk}", says=row.says, measure=row.measure, target=row.target, by=row.by, owner=row.owner, unit=row.unit,
        better=row.better, baseline_points=row.baseline_points, points=tuple(sorted(points.items())), cycles=cycles,
        notes=tuple(note.text for note in row.notes.all()),
    )  # fmt: skip


def chart_of(aim: domain.Aim) -> Chart | None:
    """The run chart; None with fewer than two points."""
    if len(aim.points) < 2:
        return None
    centre, _, signals = read_chart(aim)
    values = [value for _, value in aim.points]
    low, high = min([*values, aim.target, centre]), max([*values, aim.target, centre])
    reach = (high - low) or 1.0

    def y(value: float) -> float:
        return round(TOP + HEIGHT * (1 - (value - low) / reach), 1)

    special = {place for signal in signals for place in signal.points}
    step = WIDTH / (len(values) - 1)
    points = [
        Point(round(LEFT + place * step, 1), y(value), period, f"{value:g}{aim.unit}")
        for place, (period, value) in enumerate(aim.points)
    ]
    marked = tuple((point, place in special) for place, point in enumerate(points))
    return Chart(marked, line_of(points), y(centre), y(aim.target), centre, tuple(signals))
