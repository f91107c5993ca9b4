"""Today: the page a care manager starts the day on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from careledger.core.month import Month
from careledger.core.records import CLINICAL_STAFF_KINDS, PRACTITIONER_KINDS
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.billing.actions import refresh_some
from careledger.web.billing.models import Standing
from careledger.web.tenancy import setup
from careledger.web.tenancy.models import Person
from careledger.web.timers.verdicts import returned_to, waiting
from careledger.web.worklists import actions
from careledger.web.worklists.models import SavedView
from careledger.web.worklists.queries import NEEDS, Wanted, rows_of, worklist

PAGE = 40
KEYS = ("q", "state", "whose", "need", "least", "most")
"""What a view of the list may ask; anything else of an address is left out."""


@door("chart.find")
def today(request: MemberRequest) -> HttpResponse:
    """The worklist of this month, most pressing first."""
    if may(request.membership.role, "settings.write") and setup.is_needed():
        return redirect("setup")
    on = timezone.localdate()
    refresh_some(Month.of(on), on)
    wanted = _wanted(request)
    ranked = worklist(on, wanted)
    page = Paginator(ranked.ids, PAGE).get_page(request.GET.get("page"))
    page.object_list = rows_of(ranked, page.object_list, on)
    shown = {"page": page, "on": on, "days_left": (Month.of(on).last_on - on).days, "here": "today"}
    shown |= {"wanted": wanted, "has_own": _has_own(request), **_around(request, wanted)}
    shown["states"] = [(key, label, ranked.tallies.get(key, 0)) for key, label in Standing.STATES]
    name = "worklists/rows.html" if request.headers.get("HX-Request") else "worklists/today.html"
    return render(request, name, shown)


def _around(request: MemberRequest, wanted: Wanted) -> dict[str, Any]:
    """Filters, saved views and whom patients may be given to."""
    query = asked(request.GET)
    views = list(SavedView.objects.filter(membership=request.membership))
    people = list(_staff()) if may(request.membership.role, "patients.assign") else []
    is_cut = bool(
        wanted.needs or wanted.words or wanted.state or wanted.least_s is not None or wanted.most_s is not None
    )
    return {
        "needs": [(key, label, key in wanted.needs) for key, label in NEEDS],
        "views": views,
        "query": query,
        "shows": next((view for view in views if view.query == query), None),
        "is_cut": is_cut or wanted.manager is not None,
        "people": people,
        **_approval(request),
    }


def _approval(request: MemberRequest) -> dict[str, int]:
    """How much time waits for the member's approval, or was given back to them, where the house wants a second person."""
    member = request.membership
    if not member.organisation.needs_time_approval:
        return {}
    found = {}
    if may(member.role, "time.approve"):
        found["to_approve"] = waiting(member).count()
    if may(member.role, "time.log") and member.person_id is not None:
        found["given_back"] = returned_to(member).count()
    return found


def _staff() -> Any:
    return Person.objects.filter(kind__in=(*CLINICAL_STAFF_KINDS, *PRACTITIONER_KINDS)).order_by("name", "pk")


def _wanted(request: MemberRequest) -> Wanted:
    told, whose = request.GET, request.GET.get("whose", "")
    return Wanted(
        words=told.get("q", "").strip()[:100],
        state=told.get("state", ""),
        mine=request.membership.person_id if _has_own(request) and whose in ("", "mine") else None,
        manager=0
        if whose == "none"
        else int(whose)
        if whose.isascii() and whose.isdigit() and len(whose) < 10
        else None,
        needs=tuple(key for key, _ in NEEDS if key in told.getlist("need")),
        least_s=_seconds(told.get("least", "")),
        most_s=_seconds(told.get("most", "")),
    )


def _seconds(minutes: str) -> int | None:
    """Minutes of a filter as seconds; anything else asks nothing."""
    return int(minutes) * 60 if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else None


def asked(told: QueryDict) -> str:
    """A view's query, in one order, without what is empty."""
    kept = QueryDict(mutable=True)
    for key in KEYS:
        kept.setlist(key, sorted(value[:100] for value in told.getlist(key) if value))
    return kept.urlencode()


def _has_own(request: MemberRequest) -> bool:
    """A nurse sees their own patients unless they ask for everyone's."""
    return request.membership.role == "nurse" and request.membership.person_id is not None


@door("chart.find")
@require_POST
def view_save(request: MemberRequest) -> HttpResponse:
    """Keep what the list shows now under a name."""
    query = asked(QueryDict(request.POST.get("query", "")[:600]))
    try:
        actions.save_view(acting_user=request.membership, name=request.POST.get("name", ""), query=query)
    except actions.WorklistRefused as refused:
        messages.error(request, str(refused))
    return _back(query)


@door("chart.find")
@require_POST
def view_remove(request: MemberRequest, view_id: int) -> HttpResponse:
    """Forget a view."""
    actions.remove_view(acting_user=request.membership, view_id=view_id)
    return redirect("today")


@door("patients.assign")
@require_POST
def assign(request: MemberRequest) -> HttpResponse:
    """Give the chosen patients to someone."""
    chosen = [int(pk) for pk in request.POST.getlist("patient") if pk.isascii() and pk.isdigit() and len(pk) < 18]
    named = request.POST.get("person", "")
    person = _staff().filter(pk=int(named)).first() if named.isascii() and named.isdigit() and len(named) < 18 else None
    if person is None and named != "nobody":
        messages.error(request, "Choose to whom they are given.")
        return _back(asked(QueryDict(request.POST.get("query", "")[:600])))
    try:
        changed = actions.assign_all(acting_user=request.membership, patients=chosen, care_manager=person)
        told = f"to {person}" if person else "to nobody"
        messages.success(request, f"{changed} patient{'' if changed == 1 else 's'} given {told}.")
    except actions.WorklistRefused as refused:
        messages.error(request, str(refused))
    return _back(asked(QueryDict(request.POST.get("query", "")[:600])))


def _back(query: str) -> HttpResponse:
    return redirect(reverse("today") + (f"?{query}" if query else ""))
