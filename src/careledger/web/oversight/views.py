"""Oversight: the cockpit, and what stands behind each of its numbers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from careledger.core.month import Month
from careledger.documents.board_report import board_pdf
from careledger.oversight.measures.compute import DISTANCE_SAYS, Measured
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.billing.queries import policy
from careledger.web.oversight import queries
from careledger.web.oversight.cockpit import Board, board
from careledger.web.oversight.exports import csv_answer, pdf_answer
from careledger.web.oversight.queries import GROUPS, TITLES


@door("oversight.read")
@require_GET
def oversight(request: MemberRequest) -> HttpResponse:
    """The cockpit of a month."""
    today = timezone.localdate()
    month = queries.month_named(request.GET.get("month"), today)
    shown = board(month, anew=bool(request.GET.get("anew")))
    points = queries.curve_points(shown.told.retention)
    view = policy().on(month.last_on)
    page = {
        "board": shown, "groups": _groups(shown), "month": month, "months": queries.months_to_choose(today),
        "points": points, "line": queries.line_of(points), "cuts": _cuts(shown), "here": "oversight", "tab": "oversight",
        "practitioners": view.value("house.published.practitioner_share"), "funnel": _funnel(shown),
        "staff": queries.staff_names(shown.told.minutes_by_staff), "distance_says": DISTANCE_SAYS,
    }  # fmt: skip
    return render(request, "oversight/cockpit.html", page)


def _groups(shown: Board) -> list[tuple[str, list[tuple[str, Measured]]]]:
    """Measures by group, the funnel apart."""
    found = [
        (title, [(TITLES[one.measure.id], one) for one in shown.told.measured if one.measure.group == key])
        for key, title in GROUPS.items()
        if key != "funnel"
    ]
    return [(title, rows) for title, rows in found if rows]


def _funnel(shown: Board) -> list[tuple[str, str, int, int, Measured | None]]:
    """Steps of the funnel: id, title, patients, width of the bar in percent of the panel, and the measure."""
    eligible = shown.one("eligible")
    panel = eligible.denominator if eligible else 0
    steps: list[tuple[str, str, int, int, Measured | None]] = [("", "Panel", panel, 100, None)]
    for one in shown.told.measured:
        if one.measure.group == "funnel":
            width = round(100 * one.numerator / panel) if panel else 0
            steps.append((one.measure.id, TITLES[one.measure.id], one.numerator, width, one))
    return steps


def _cuts(shown: Board) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for cut in shown.told.cuts:
        share = None if not cut.denominator or cut.numerator is None else 100 * cut.numerator / cut.denominator
        found.setdefault(cut.name, []).append((cut, share))
    return found


@door("oversight.read")
@require_GET
def measure(request: MemberRequest, measure_id: str) -> HttpResponse:
    """A number's definition, numerator and denominator, and the patients behind it for those who may find patients."""
    month = queries.month_named(request.GET.get("month"), timezone.localdate())
    one = board(month).one(measure_id)
    if one is None:
        raise Http404
    may_see = may(request.membership.role, "chart.find")
    patients = queries.patients_behind(one) if may_see else []
    if request.GET.get("as") == "csv":
        rows = [(patient.code, patient.family_name, patient.given_name, patient.born_on) for patient in patients]
        return csv_answer(f"{measure_id}-{month}.csv", ("patient", "family name", "given name", "born on"), rows)
    page = {
        "one": one, "title": TITLES[measure_id], "month": month, "patients": patients[:500], "count": len(patients),
        "may_see": may_see, "here": "oversight", "tab": "oversight",
    }  # fmt: skip
    return render(request, "oversight/measure.html", page)


@door("oversight.read")
@require_GET
def export(request: MemberRequest, kind: str) -> HttpResponse:
    """The month's measures as CSV, or with the aims as the board's PDF."""
    today = timezone.localdate()
    month = queries.month_named(request.GET.get("month"), today)
    shown = board(month)
    if kind == "measures.csv":
        return csv_answer(f"measures-{month}.csv", _HEAD, _measure_rows(shown, month))
    if kind == "money.csv":
        rows = [(one.payer, one.code, one.lines, one.charged_cents / 100, one.allowed_cents / 100, one.collected_cents / 100, one.denied_lines) for one in shown.money]  # fmt: skip
        return csv_answer(
            f"money-{month}.csv", ("payer", "code", "lines", "charged", "allowed", "collected", "denied"), rows
        )
    if kind == "board.pdf":
        from careledger.web.oversight.aims import all_aims

        name = request.membership.organisation.name
        return pdf_answer(f"board-{month}.pdf", board_pdf(name, all_aims(), today, shown.told))
    raise Http404


_HEAD = ("month", "measure", "definition", "numerator", "denominator", "percent", "published")


def _measure_rows(shown: Board, month: Month) -> list[tuple[Any, ...]]:
    return [
        (str(month), one.measure.id, one.measure.says, one.numerator, one.denominator, None if one.value is None else round(one.value, 2), one.published)
        for one in shown.told.measured
    ]  # fmt: skip
