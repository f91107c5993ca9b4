"""An import's steps: taken, read, written, dropped. Each is in the audit log; none happens twice."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.intake import desk
from careledger.web.intake.models import Import
from careledger.web.intake.pouring import Poured
from careledger.web.work.actions import start

OPEN = ("mapping", "reading", "ready")


class ImportRefused(CareLedgerError):
    """A step that may not be taken now: what is wrong and what to do."""


@transaction.atomic
def take(*, acting_user: Membership, kind: str, file: Any, options: dict[str, Any]) -> Import:
    """Take an uploaded file; the same one, sent again before it was written, is that import."""
    mark = desk.fingerprint(file)
    same = Import.objects.filter(kind=kind, sha256=mark, state__in=OPEN, started_by=acting_user)
    for before in same:
        if before.options.get("table") == options.get("table") and desk.upload_of(before).is_file():
            found: Import = before
            return found
    state = "mapping" if kind in ("table", "timelog") else "reading"
    row: Import = Import.objects.create(
        kind=kind, state=state, file_name=file.name[-150:], size=file.size, sha256=mark, options=options,
        started_by=acting_user, created_at=timezone.now(),
    )  # fmt: skip
    desk.keep_upload(row, file)
    after = {"kind": kind, "size": file.size, "sha256": mark}
    record(acting_user=acting_user, action="import.taken", target=row, after=after)
    return row


@transaction.atomic
def take_from_server(*, acting_user: Membership, everything: bool) -> Import:
    """Ask the electronic record's server; one at a time.

    Raises:
        ImportRefused: an import from the server is under way.
    """
    if Import.objects.filter(kind="server", state__in=("reading", "writing")).exists():
        raise ImportRefused("An import from the server is under way; wait for it.")
    for old in Import.objects.filter(kind="server", state="ready"):
        _end(old, "dropped")
    row: Import = Import.objects.create(
        kind="server", state="reading", options={"everything": everything}, started_by=acting_user,
        created_at=timezone.now(),
    )  # fmt: skip
    record(
        acting_user=acting_user, action="import.taken", target=row, after={"kind": "server", "everything": everything}
    )
    return row


@transaction.atomic
def begin_reading(*, acting_user: Membership, row: Import, options: dict[str, Any] | None = None) -> Import:
    """Have an import read in the background; asked again with the same options it is the same work.

    Raises:
        ImportRefused: it is being written, or over.
    """
    locked = _locked(row)
    if locked.state not in OPEN:
        raise ImportRefused("This import is being written or is over; upload the file again.")
    if options is not None:
        locked.options = {**locked.options, **options}
    locked.state, locked.report = "reading", {}
    locked.save()
    locked.job = start(acting_user=acting_user, kind="intake.read", arguments={"import": locked.pk})
    locked.save()
    return locked


@transaction.atomic
def begin_writing(*, acting_user: Membership, row: Import) -> Import:
    """Have an import written that was looked at. Pressed twice, it is written once.

    Raises:
        ImportRefused: it was not read yet, or is over.
    """
    locked = _locked(row)
    if locked.state == "writing" and locked.job is not None and not locked.job.is_over:
        return locked
    if locked.state not in ("ready", "writing"):
        raise ImportRefused("Only an import that was read and looked at can be written.")
    locked.state = "writing"
    locked.job = start(acting_user=acting_user, kind="intake.write", arguments={"import": locked.pk})
    locked.save()
    return locked


@transaction.atomic
def drop(*, acting_user: Membership, row: Import) -> None:
    """Leave an import; its file is removed. One that is being written or is over stays as it is."""
    locked = _locked(row)
    if locked.state in OPEN:
        _end(locked, "dropped")
        record(acting_user=acting_user, action="import.dropped", target=locked)


@transaction.atomic
def keep_ready(*, row: Import, poured: Poured) -> None:
    """Note what an import would write."""
    Import.objects.filter(pk=row.pk, state="reading").update(state="ready", report=poured.as_dict())


def keep_written(*, acting_user: Membership, row: Import, poured: Poured) -> None:
    """Note, within the transaction that writes it, that an import is written."""
    Import.objects.filter(pk=row.pk).update(state="done", report=poured.as_dict(), ended_at=timezone.now())
    after = {
        "added": poured.added, "changed": poured.changed, "new_patients": poured.new_patients,
        "changed_patients": poured.changed_patients, "faults": len(poured.faults), "sha256": row.sha256,
    }  # fmt: skip
    record(acting_user=acting_user, action="import.written", target=row, after=after)


@transaction.atomic
def keep_failed(*, row: Import, says: str) -> None:
    """A file that cannot be used as it is: one with columns to name goes back to them, another is over."""
    back = "mapping" if row.kind in ("table", "timelog") else "failed"
    ended = None if back == "mapping" else timezone.now()
    Import.objects.filter(pk=row.pk).update(state=back, report={"refused": says}, ended_at=ended)


def _locked(row: Import) -> Import:
    found: Import = Import.objects.select_for_update(of=("self",)).select_related("job").get(pk=row.pk)
    return found


def _end(row: Import, state: str) -> None:
    row.state, row.ended_at = state, timezone.now()
    row.save()
    transaction.on_commit(lambda: desk.clear(row))
