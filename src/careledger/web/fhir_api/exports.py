"""Bulk export: asked for, followed, downloaded, released (``$export``).

Source: HL7 FHIR Bulk Data Access 2.0. Whoever exports must hold what the clinic asks of a full export, beside the right to
read charts; the export can be seen by that member only, and its files live a day.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import http_date

from careledger.fhir.held.server import manifest, outcome
from careledger.web.accounts.roles import may
from careledger.web.audit.actions import record
from careledger.web.fhir_api import smart_scopes
from careledger.web.fhir_api.care_shelves import enrolled
from careledger.web.fhir_api.doors import Caller, Refused, answer, answered, caller_for
from careledger.web.fhir_api.models import Export
from careledger.web.fhir_api.sight import Sight, changed_since
from careledger.web.fhir_api.views import OF_MANY, SHELVES, base_of
from careledger.web.work.actions import start
from careledger.web.work.models import Job

KIND = "fhir.export"
LIFE = timedelta(hours=24)
NDJSON = "application/fhir+ndjson"
_NAME = re.compile(r"[A-Za-z]{1,40}\.ndjson")
_KNOWN = {"_type", "_since", "_outputFormat"}
_FORMATS = (NDJSON, "application/ndjson", "ndjson")
_WAIT_S = 1
"""Seconds a client is asked to wait before it looks again."""


def folder_of(export: Export) -> Path:
    """Where an export's files lie; only the service may read it."""
    base: Path = settings.DATA / "fhir_exports" / str(export.organisation_id) / str(export.pk)
    return base


@answered
def kick_off(request: HttpRequest, level: str, group: str = "") -> HttpResponse:
    """Ask for an export: 202, and where to follow it."""
    if request.method != "GET":
        raise Refused(405, "not-supported", "ask for an export by GET")
    caller = _exporter(request)
    if "respond-async" not in request.headers.get("Prefer", ""):
        raise Refused(400, "invalid", "an export is done aside; send the header Prefer: respond-async")
    types, since = _types(request), _since(request)
    for kind in types:
        caller_for(request, kind, "r")
    usual = (kind for kind in SHELVES if level == "system" or kind not in OF_MANY)
    export = Export(
        membership=caller.membership,
        types=types or tuple(kind for kind in usual if _may_read(request, kind)),
        group=_program(group) if group else "",
        base=base_of(request),
        since=since,
        request_url=request.build_absolute_uri()[:2000],
        asked_at=timezone.now(),
    )
    _file(export)
    return HttpResponse(status=202, headers={"Content-Location": f"{export.base}/exports/{export.pk}"})


@answered
def status(request: HttpRequest, export_id: int) -> HttpResponse:
    """How an export stands: 202 while it is made, 200 with its files, or what went wrong. DELETE releases it."""
    export = _own(request, export_id)
    if request.method == "DELETE":
        release(export)
        return HttpResponse(status=202)
    if request.method != "GET":
        raise Refused(405, "not-supported", "an export is followed by GET and released by DELETE")
    job: Job | None = export.job
    if job is not None and job.state == "failed":
        return answer(outcome("exception", "the export failed; ask for it anew"), 500)
    if export.files is None or export.taken_at is None:
        told = f"{job.says or 'waiting'} ({job.percent}%)" if job else "waiting"
        return HttpResponse(status=202, headers={"X-Progress": told[:100], "Retry-After": str(_WAIT_S)})
    files = [{**one, "url": f"{base_of(request)}/exports/{export.pk}/{one['url']}"} for one in export.files]
    ends = http_date((export.asked_at + LIFE).timestamp())
    kept, gone = ([one for one in files if (one["type"] == "Bundle") is wanted] for wanted in (False, True))
    found = answer(manifest(export.request_url, export.taken_at, kept, gone), headers={"Expires": ends})
    found.headers["Content-Type"] = "application/json"
    return found


@answered
def file(request: HttpRequest, export_id: int, name: str) -> Any:
    """A file of an export, to whoever asked for it."""
    if request.method != "GET":
        raise Refused(405, "not-supported", "a file is read by GET")
    export = _own(request, export_id)
    path = folder_of(export) / name
    if not _NAME.fullmatch(name) or not export.files or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type=NDJSON, headers={"X-Content-Type-Options": "nosniff"})


@transaction.atomic
def _file(export: Export) -> None:
    """Keep what was asked for and file the work; exports that grew old go."""
    for old in Export.objects.filter(released_at=None, asked_at__lt=timezone.now() - LIFE):
        release(old)
    member = export.membership
    export.save()
    export.job = start(acting_user=member, kind=KIND, arguments={"export": export.pk})
    export.save(update_fields=["job"])
    after = {"types": list(export.types), "group": export.group, "since": export.since}
    record(acting_user=member, action="fhir.export.filed", target=export, after=after)


def release(export: Export) -> None:
    """The export is needed no more: its files go; a job that still makes them stops."""
    Export.objects.filter(pk=export.pk, released_at=None).update(released_at=timezone.now())
    shutil.rmtree(folder_of(export), ignore_errors=True)


def _exporter(request: HttpRequest) -> Caller:
    caller = caller_for(request, _first_readable(request), "r")
    if caller.patient_id is not None:
        raise Refused(403, "forbidden", "a token that is bound to one patient exports nothing")
    if not may(caller.membership.role, "export.all"):
        raise PermissionDenied
    return caller


def _first_readable(request: HttpRequest) -> str:
    return next((kind for kind in SHELVES if _may_read(request, kind)), "Patient")


def _may_read(request: HttpRequest, kind: str) -> bool:
    token = getattr(request, "token", None)
    return token is not None and smart_scopes.may(token.scopes, "system", kind, "r")


def _own(request: HttpRequest, export_id: int) -> Export:
    caller = _exporter(request)
    found: Export | None = (
        Export.objects.filter(pk=export_id, membership=caller.membership, released_at=None)
        .filter(asked_at__gt=timezone.now() - LIFE)
        .select_related("job")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _types(request: HttpRequest) -> tuple[str, ...]:
    """The types asked for; none when all are wanted."""
    if set(request.GET) - _KNOWN:
        raise Refused(400, "not-supported", "an export takes _type, _since and _outputFormat")
    if request.GET.get("_outputFormat", NDJSON) not in _FORMATS:
        raise Refused(400, "not-supported", "an export is written as application/fhir+ndjson")
    asked = tuple(dict.fromkeys(one for value in request.GET.getlist("_type") for one in value.split(",") if one))
    if any(one not in SHELVES for one in asked):
        raise Refused(400, "not-supported", "this server holds no such type; its types stand in /fhir/metadata")
    return asked


def _since(request: HttpRequest) -> datetime | None:
    text = request.GET.get("_since", "")
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused(400, "value", "_since takes an instant with its offset, such as 2026-11-01T00:00:00Z")


def _program(group: str) -> str:
    program = group.removeprefix("enrolled-")
    if not group.startswith("enrolled-") or SHELVES["Group"].one(group, Sight(""), None) is None:
        raise Http404
    return program


def patients_of(export: Export) -> frozenset[int] | None:
    """The patients whose resources go into an export; None for everyone's."""
    changed = None if export.since is None else changed_since(export.since)
    if not export.group:
        return None if changed is None else frozenset(changed)
    members = set(enrolled(export.group).values_list("pk", flat=True))
    return frozenset(members if changed is None else members & changed)
