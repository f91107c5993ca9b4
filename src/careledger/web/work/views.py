"""Background work as people see it: one job's progress, and the latest ones."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.work.kinds import kind_of
from careledger.web.work.models import Job


@door("jobs.read")
def jobs(request: MemberRequest) -> HttpResponse:
    """The latest jobs: one's own, or everybody's for those who keep the settings."""
    found = Job.objects.select_related("started_by__user")
    if not may(request.membership.role, "settings.write"):
        found = found.filter(started_by=request.membership)
    rows = [(job, kind_of(job.kind).label) for job in found[:50]]
    return render(request, "work/jobs.html", {"rows": rows})


@door("jobs.read")
def job(request: MemberRequest, job_id: int) -> HttpResponse:
    """One job; asks for itself every second while it runs."""
    found = Job.objects.filter(pk=job_id).select_related("started_by").first()
    is_own = found is not None and found.started_by_id == request.membership.pk
    if found is None or not (is_own or may(request.membership.role, "settings.write")):
        raise Http404
    shown = {"job": found, "label": kind_of(found.kind).label}
    page = "work/progress.html" if request.headers.get("HX-Request") else "work/job.html"
    return render(request, page, shown)
