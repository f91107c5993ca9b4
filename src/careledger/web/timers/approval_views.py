"""Time that waits for a second person, and one's own time with what was said of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record
from careledger.web.timers.actions import TimeRefused
from careledger.web.timers.approvals import approve, give_back
from careledger.web.timers.models import TimeEntry
from careledger.web.timers.verdicts import tell, waiting

PAGE = 50


@door("time.approve")
@require_GET
def approvals(request: MemberRequest) -> HttpResponse:
    """What waits for approval by someone else than who worked; the oldest first."""
    page = Paginator(waiting(request.membership), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    page.object_list = rows
    if rows:
        after = {"patients": sorted({row.patient_id for row in rows})}
        record(acting_user=request.membership, action="time_to_approve.read", after=after)
    shown = {"page": page, "house": request.membership.organisation, "here": ""}
    return render(request, "timers/approvals.html", shown)


@door("time.approve")
@require_POST
def time_approve(request: MemberRequest) -> HttpResponse:
    """Approve what was chosen."""
    try:
        count = approve(acting_user=request.membership, entries=_chosen(request))
        messages.success(request, f"{count} entr{'y' if count == 1 else 'ies'} approved.")
    except TimeRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("approvals")


@door("time.approve")
@require_POST
def time_return(request: MemberRequest, entry_pk: int) -> HttpResponse:
    """Give an entry back with the reason."""
    try:
        give_back(acting_user=request.membership, entry=entry_pk, reason=request.POST.get("reason", ""))
        messages.success(request, "Given back. Who worked sees the reason under My time.")
    except TimeRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("approvals")


def _chosen(request: MemberRequest) -> list[int]:
    return [int(pk) for pk in request.POST.getlist("entry") if pk.isascii() and pk.isdigit() and len(pk) < 18]


@door("time.log")
@require_GET
def my_time(request: MemberRequest) -> HttpResponse:
    """One's own entries of this month and the last: what is late, waits, or was given back."""
    this = Month.of(timezone.localdate())
    days = (this.previous().first_on, this.last_on)
    found = TimeEntry.objects.current().filter(by=request.membership.person_id, worked_on__range=days)
    page: Any = Paginator(found.select_related("patient").order_by("-worked_on", "-sequence"), PAGE)
    page = page.get_page(request.GET.get("page"))
    page.object_list = rows = list(page.object_list)
    tell(rows)
    shown = {
        "page": page,
        "house": request.membership.organisation,
        "here": "",
        "total_s": sum(one.length_s for one in rows),
    }
    return render(request, "timers/mine.html", shown)
