"""The list of patients and the chart."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.billing.bars import month_bars
from careledger.web.billing.queries import answer_for
from careledger.web.patients import queries
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import STATUSES
from careledger.web.timers.queries import entries_of

PAGE = 50


@door("chart.find")
def patients(request: MemberRequest) -> HttpResponse:
    """Everyone, by name."""
    words, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    page = Paginator(queries.patients(words, status), PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "q": words, "status": status, "statuses": STATUSES, "here": "patients"}
    return render(request, "patients/list.html", shown)


@door("chart.read")
def patient(request: MemberRequest, patient_id: int) -> HttpResponse:
    """The chart: header, month bars, timer, time, plan at a glance."""
    found = get_patient_for(request.membership, patient_id)
    record_read(acting_user=request.membership, patient=found, page="chart")
    on, is_whole = timezone.localdate(), request.GET.get("record") == "all"
    month = Month.of(on)
    answer = answer_for(found, month, on)
    shown = {
        "patient": found,
        "chart": queries.chart_of(found, is_whole=is_whole),
        "answer": answer,
        "bars": month_bars(answer),
        "entries": entries_of(found, month),
        "month": month,
        "is_whole": is_whole,
        "here": "patients",
    }
    return render(request, "patients/patient.html", shown)
