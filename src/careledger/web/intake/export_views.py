"""Export of everything: asked for, made in the background, downloaded by who says again who they are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.audit.actions import record
from careledger.web.intake import exports
from careledger.web.work.actions import start
from careledger.web.work.models import Job

KIND = "intake.export"


@door("export.all")
@require_GET
def export_page(request: MemberRequest) -> Any:
    """What an export is, and those that can be downloaded."""
    exports.sweep()
    found = Job.objects.filter(kind=KIND).select_related("started_by__user")[:10]
    rows = [(job, job.state == "done" and exports.archive_of(job.arguments["name"]).is_file()) for job in found]
    return render(request, "intake/exports.html", {"rows": rows, "here": "settings"})


@door("export.all")
@sudo
@require_POST
def export_begin(request: MemberRequest) -> Any:
    """Make one; pressed again while one is made, it is that one."""
    job = Job.objects.filter(kind=KIND, state__in=("waiting", "running")).first()
    if job is None:
        job = start(acting_user=request.membership, kind=KIND, arguments={"name": exports.new_name()})
        record(acting_user=request.membership, action="everything.exported", target=job)
    return redirect("job", job.pk) if job.started_by_id == request.membership.pk else redirect("exports")


@door("export.all")
@sudo
@require_GET
def export_download(request: MemberRequest, job_id: int) -> Any:
    """The archive."""
    file = _archive(job_id)
    record(acting_user=request.membership, action="everything.downloaded", after={"job": job_id})
    name = f"careledger-{request.membership.organisation.slug}-{timezone.localdate()}.zip"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)


@door("export.all")
@require_POST
def export_remove(request: MemberRequest, job_id: int) -> Any:
    """Remove the archive before its day is over."""
    _archive(job_id).unlink(missing_ok=True)
    record(acting_user=request.membership, action="everything.removed", after={"job": job_id})
    messages.success(request, "The archive is removed.")
    return redirect("exports")


def _archive(job_id: int) -> Any:
    job = Job.objects.filter(pk=job_id, kind=KIND, state="done").first()
    if job is None or not exports.archive_of(job.arguments["name"]).is_file():
        raise Http404
    return exports.archive_of(job.arguments["name"])
