"""The compliance radar: findings, the worksheet with its clock, and the work on each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.core.errors import InputError
from careledger.oversight.radar.run import CHECKS
from careledger.oversight.radar.sheets import Clock
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.billing.queries import policy
from careledger.web.oversight import radar as actions
from careledger.web.oversight.exports import csv_answer
from careledger.web.oversight.models import RadarFinding, RadarRun
from careledger.web.oversight.models.radar import SEVERITIES, STEPS
from careledger.web.patients.models import Patient

ASKS = {check.id: check.asks for check in CHECKS}
_ORDER = ("return_by", "pk")
_HEAD = (
    "finding", "severity", "check", "patient", "who", "period", "evidence", "detail", "rule", "cite", "mend", "lines",
    "identified on", "return by", "status",
)  # fmt: skip


@door("radar.run")
@require_GET
def radar(request: MemberRequest) -> HttpResponse:
    """The last run and what it found."""
    last = RadarRun.objects.first()
    severity, step = (request.GET.get(name, "") for name in ("severity", "step"))
    pages = Paginator(_found(last, severity, step), 50)
    here = pages.get_page(request.GET.get("page"))
    page = {
        "last": last, "rows": [(one, ASKS.get(one.check_id, one.check_id)) for one in here], "page": here,
        "counts": _counts(last), "severity": severity, "step": step, "steps": STEPS, "severities": SEVERITIES,
        "clock": Clock.on(policy(), timezone.localdate()).words(timezone.localdate()), "here": "oversight", "tab": "radar",
        "clean": [ASKS.get(id_, id_) for id_, count in (last.asked if last else {}).items() if not count],
        "not_asked": [(ASKS.get(id_, id_), why) for id_, why in (last.not_asked if last else {}).items()],
        "today": timezone.localdate(), "names": _names(here),
    }  # fmt: skip
    return render(request, "oversight/radar.html", page)


def _names(rows: Any) -> dict[str, tuple[int, str]]:
    """The patients of some findings by code; one who is known here no more keeps the code."""
    found = Patient.objects.filter(code__in={row.patient_code for row in rows})
    return {row.code: (row.pk, row.name) for row in found}


def _found(last: RadarRun | None, severity: str, step: str) -> Any:
    """Findings of the last run, and older ones whose work is not done; the gravest and most urgent first."""
    found = RadarFinding.objects.all()
    if severity in dict(SEVERITIES):
        found = found.filter(severity=severity)
    found = found.filter(step=step) if step in dict(STEPS) else found.filter(step__in=actions.OPEN)
    from django.db.models import Case, F, IntegerField, Value, When

    grave = Case(
        When(severity="high", then=Value(0)),
        When(severity="medium", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.select_related("last_run").order_by(grave, F("return_by").asc(nulls_last=True), "pk")


def _counts(last: RadarRun | None) -> list[tuple[str, str, int]]:
    """Open findings by severity."""
    rows = RadarFinding.objects.filter(step__in=actions.OPEN).values_list("severity").annotate(count=Count("pk"))
    counts: dict[str, int] = dict(rows)
    return [(key, label, counts.get(key, 0)) for key, label in SEVERITIES]


@door("radar.run")
@require_POST
def run_now(request: MemberRequest) -> HttpResponse:
    """Ask every question now."""
    row = actions.run(acting_user=request.membership)
    messages.success(request, f"Asked {len(row.asked)} questions of {row.lines:,} claim lines: {row.found:,} findings.")
    return redirect("radar")


@door("radar.run")
def finding(request: MemberRequest, oversight_pk: int) -> HttpResponse:
    """A finding with its evidence and what was done about it; a post says what was done now."""
    row = get_object_or_404(RadarFinding.objects.select_related("last_run"), pk=oversight_pk)
    if request.method == "POST":
        try:
            actions.work(
                acting_user=request.membership,
                finding=row,
                step=request.POST.get("step", ""),
                note=request.POST.get("note", ""),
            )
            messages.success(request, "Kept.")
        except InputError as refused:
            messages.error(request, str(refused))
        return redirect("radar_finding", oversight_pk=row.pk)
    page = {
        "one": row, "asks": ASKS.get(row.check_id, row.check_id), "work": row.work.select_related("by__user"), "steps": STEPS,
        "patient": Patient.objects.filter(code=row.patient_code).first(), "here": "oversight", "tab": "radar",
        "is_gone": row.last_run != RadarRun.objects.first(),
    }  # fmt: skip
    return render(request, "oversight/finding.html", page)


@door("radar.run")
@require_GET
def worksheet(request: MemberRequest) -> HttpResponse:
    """The worksheet for corrections and refunds."""
    found = RadarFinding.objects.filter(refund_lines__gt=0).order_by(*_ORDER)
    return csv_answer("worksheet.csv", _HEAD, actions.worksheet_rows(found.iterator()))
