"""Today: the page a care manager starts the day on."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.billing.actions import refresh_some
from careledger.web.billing.models import Standing
from careledger.web.tenancy import setup
from careledger.web.worklists.queries import Wanted, rows_of, tallies, worklist

PAGE = 40


@door("chart.find")
def today(request: MemberRequest) -> HttpResponse:
    """The worklist of this month, most pressing first."""
    if may(request.membership.role, "settings.write") and setup.is_needed():
        return redirect("setup")
    on = timezone.localdate()
    refresh_some(Month.of(on), on)
    mine = request.membership.person if _wants_own(request) else None
    state = request.GET.get("state", "")
    wanted = Wanted(words=request.GET.get("q", "").strip(), state=state, mine=mine)
    page = Paginator(worklist(on, wanted), PAGE).get_page(request.GET.get("page"))
    page.object_list = rows_of(on, page.object_list)
    counts = tallies(on, mine)
    states = [(key, label, counts.get(key, 0)) for key, label in Standing.STATES]
    shown = {
        "page": page,
        "on": on,
        "days_left": (Month.of(on).last_on - on).days,
        "wanted": wanted,
        "states": states,
        "here": "today",
        "has_own": _has_own(request),
    }
    return render(
        request, "worklists/rows.html" if request.headers.get("HX-Request") else "worklists/today.html", shown
    )


def _has_own(request: MemberRequest) -> bool:
    return request.membership.role == "nurse" and request.membership.person is not None


def _wants_own(request: MemberRequest) -> bool:
    """A nurse sees their own patients unless they ask for everyone's."""
    return _has_own(request) and request.GET.get("whose") != "all"
