"""The time ledger by program: read, log, correct, void. Overlap is refused and double sending logs once, as on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from careledger.core.month import Month
from careledger.web.api import shapes
from careledger.web.api.doors import Door
from careledger.web.api.routes import opened
from careledger.web.billing.views import month_named
from careledger.web.patients.access import get_patient_for
from careledger.web.timers.access import get_entry_for
from careledger.web.timers.actions import log_time, replace_entry, void_entry
from careledger.web.timers.models import TimeEntry
from careledger.web.timers.queries import entries_of

time = Router(tags=["time"])


@time.get("/patients/{int:patient_id}/time", auth=Door("patients:read"), response=list[shapes.TimeOut])
def list_time(request: HttpRequest, patient_id: int, month: str | None = None) -> Any:
    """A month's entries, newest first; those corrected too. This month without month."""
    asked = month_named(month) if month else Month.of(timezone.localdate())
    rows = entries_of(opened(request, patient_id, "time"), asked)
    return [_entry(row, stands=not hasattr(row, "correction") and row.kind != "voided") for row in rows]


@time.post("/patients/{int:patient_id}/time", auth=Door("time:write"), response={201: shapes.TimeOut})
def add_time(request: HttpRequest, patient_id: int, data: shapes.TimeIn) -> Any:
    """Log a stretch of one's own work."""
    patient = get_patient_for(request.membership, patient_id)
    work = {**_work(data), "entry_id": data.entry_id}
    return Status(201, _entry(log_time(acting_user=request.membership, patient=patient, **work)))


@time.post("/time/{int:entry_pk}/void", auth=Door("time:write"), response={201: shapes.TimeOut})
def void_time(request: HttpRequest, entry_pk: int, data: shapes.Void) -> Any:
    """Take an entry out of what counts; it stays in the ledger."""
    entry = get_entry_for(request.membership, entry_pk)
    return Status(
        201, _entry(void_entry(acting_user=request.membership, entry=entry, reason=data.reason), stands=False)
    )


@time.post("/time/{int:entry_pk}/correction", auth=Door("time:write"), response={201: shapes.TimeOut})
def correct_time(request: HttpRequest, entry_pk: int, data: shapes.Correction) -> Any:
    """Put a corrected entry in the place of one; both stay in the ledger."""
    entry = get_entry_for(request.membership, entry_pk)
    changes = {**_work(data), "on": None, "seconds": None}
    row = replace_entry(acting_user=request.membership, entry=entry, reason=data.reason, **changes)
    return Status(201, _entry(row))


def _work(data: shapes.Worked) -> dict[str, Any]:
    times = {"start_s": int(data.start.timestamp()), "end_s": int(data.end.timestamp())}
    return {**times, "programs": (data.program,), **data.dict(include={"activity", "contact", "note"})}


def _entry(row: TimeEntry, stands: bool = True) -> dict[str, Any]:
    names = ("entry_id", "patient_id", "kind", "activity", "contact", "note", "reason")
    on: date = row.worked_on
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.pk,
        "by": row.by.code,
        "programs": list(row.programs or ()),
        "start": _instant(row.start_s),
        "end": _instant(row.end_s),
        "on": on,
        "seconds": row.length_s,
        "flags": list(row.flags or ()),
        "stands": stands,
        "corrects": row.corrects.entry_id if row.corrects else None,
    }


def _instant(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, timezone.get_current_timezone())
