"""Month: where every patient stands, and each decision with its proof."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.billing.actions import refresh_some
from careledger.web.billing.bars import month_bars
from careledger.web.billing.proof import proof_of
from careledger.web.billing.queries import answer_for
from careledger.web.billing.unblock import groups_of, standings, totals
from careledger.web.patients.access import get_patient_for

PAGE = 50


@door("month.read")
def month(request: MemberRequest, month: str | None = None) -> HttpResponse:
    """A month: totals, what would unblock whom, and everyone."""
    on = timezone.localdate()
    asked = month_named(month) if month else Month.of(on)
    refresh_some(asked, on)
    state, rule = request.GET.get("state", ""), request.GET.get("rule", "")
    found = standings(asked, state, rule, request.GET.get("q", "").strip())
    shown = {
        "month": asked,
        "totals": totals(asked),
        "groups": groups_of(asked),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "rule": rule,
        "q": request.GET.get("q", ""),
        "here": "month",
    }
    return render(request, "billing/month.html", shown)


@door("month.read")
def patient_month(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """A patient's month: every decision and, one click away, its proof."""
    patient = get_patient_for(request.membership, patient_id)
    record_read(acting_user=request.membership, patient=patient, page="month")
    asked = month_named(month)
    answer = answer_for(patient, asked, timezone.localdate())
    shown = {
        "patient": patient,
        "month": asked,
        "answer": answer,
        "bars": month_bars(answer),
        "proof": proof_of(answer),
        "here": "month",
    }
    return render(request, "billing/patient_month.html", shown)


def month_named(text: str) -> Month:
    """A month of an address; 404 for anything else."""
    try:
        return Month.parse(text)
    except ValueError:
        raise Http404 from None
