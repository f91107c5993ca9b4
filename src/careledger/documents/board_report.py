"""The monthly board report: each aim with its run chart, what the chart says, and its cycles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from careledger.documents.charts import run_chart
from careledger.documents.report import Piece, chart, heading, note, report_pdf, signature, table, text
from careledger.oversight.improvement.charts import Signal, centre_of, limits_of, rules, signals

if TYPE_CHECKING:
    from careledger.oversight.improvement.aims import Aim
    from careledger.oversight.measures.compute import Cockpit


def board_pdf(practice: str, aims: Sequence[Aim], on: date, cockpit: Cockpit | None = None) -> bytes:
    """The report as PDF; equal aims give equal bytes."""
    return report_pdf(
        title="Board report",
        subtitle=f"Care management program, {on:%Y-%m}",
        practice=practice,
        foot=f"Prepared {on}. No patient is named.",
        pieces=[*_measures(cockpit), *(piece for aim in aims for piece in _aim(aim)), *_close()],
    )


def read_chart(aim: Aim) -> tuple[float, tuple[float, float] | None, list[Signal]]:
    """An aim's centre, limits and signs of a special cause."""
    values = [value for _, value in aim.points]
    centre, limits = centre_of(values, aim.baseline_points), limits_of(values, aim.baseline_points)
    return centre, limits, signals(values, centre, limits)


def _measures(cockpit: Cockpit | None) -> Iterator[Piece]:
    if cockpit is None:
        return
    yield heading(f"The program in {cockpit.month}")
    rows = [
        [
            one.measure.id.replace("_", " "),
            "empty" if one.value is None else f"{one.value:.1f}%",
            f"{one.numerator:,}",
            f"{one.denominator:,}",
            one.measure.says,
        ]
        for one in cockpit.measured
    ]
    yield table(["measure", "value", "of it", "of", "definition"], rows, [1.6, 0.9, 0.8, 0.8, 5], (1, 2, 3))


def _aim(aim: Aim) -> Iterator[Piece]:
    yield heading(aim.says)
    standing = {True: "met at the last point", False: "not met yet", None: "no point yet"}[aim.is_met]
    yield text(
        f"{aim.measure}. Target {aim.target:g}{aim.unit} by {aim.by} ({aim.better} is better); {standing}. Owner: {aim.owner}."
    )
    if len(aim.points) > 1:
        centre, limits, found = read_chart(aim)
        marked = [place for signal in found for place in signal.points]
        periods, values = zip(*aim.points, strict=True)
        yield chart(run_chart(aim.measure, periods, values, centre, limits, marked))
        yield text(
            "; ".join(_said(signal, periods) for signal in found) + "."
            if found
            else "Nothing on the chart is more than chance."
        )
    rows = [[cycle.cycle_id, str(cycle.since), cycle.plan, cycle.do, cycle.study, cycle.act] for cycle in aim.cycles]
    yield table(["cycle", "since", "plan", "do", "study", "act"], rows, [0.7, 1.1, 2, 2, 2, 2])
    yield from (note(words) for words in aim.notes)


def _said(signal: Signal, periods: Sequence[str]) -> str:
    where = f" ({periods[signal.points[0]]} to {periods[signal.points[-1]]})" if signal.points else ""
    return signal.says[0].upper() + signal.says[1:] + where


def _close() -> Iterator[Piece]:
    told = rules()
    yield note(
        f"Rules of the run charts: {told['shift_points']} points in a row on one side of the median, {told['trend_points']} in a row rising or falling, "
        f"a number of runs that chance gives in less than {told['runs_percent']}% of charts, or a point beyond the mean plus or minus {told['limit_factor']} mean moving ranges. "
        "Perla, Provost and Murray 2011, BMJ Quality and Safety 20:46; Swed and Eisenhart 1943. Dashed lines are the limits."
    )
    yield signature("Medical director", "for the program")
