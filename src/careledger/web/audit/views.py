"""The privacy officer's page: search the log, see whether its chain holds."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit import queries


@door("audit.read")
def audit(request: MemberRequest) -> HttpResponse:
    """Events, newest first."""
    words = request.GET.get("q", "").strip()
    patient = request.GET.get("patient", "")
    found = queries.events(words, int(patient) if patient.isdigit() else None)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "audit/log.html", {"here": "audit", "page": page, "q": words, "patient": patient})
