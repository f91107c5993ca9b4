"""Oversight: the place for a program's measures; shows what the engine knows of the last months."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from careledger.core.month import Month
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.oversight.queries import funnel, months


@door("oversight.read")
def oversight(request: MemberRequest) -> HttpResponse:
    """The funnel of the CCM program and the last months by state."""
    shown = {"funnel": funnel("ccm"), "months": months(Month.of(timezone.localdate())), "here": "oversight"}
    return render(request, "oversight/program.html", shown)
