"""Writing the time ledger: log, void, replace. Overlap is refused with its reason, a correction is a new entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from careledger.core.ledger import LedgerEntry, seal
from careledger.core.records import TimeEntry as WorkRecord
from careledger.ledger.admission import EntryRefused, check_words, check_work, is_late
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import current_organisation
from careledger.web.timers.ledger import entry_of, origin_of, take
from careledger.web.timers.models import TimeEntry, TimeLedger
from careledger.web.timers.queries import overlapping
from careledger.web.timers.telling import TimeRefused, check_reason, check_told
from careledger.web.timers.verdicts import name_of

__all__ = ["TimeRefused", "import_entries", "log_time", "now_s", "replace_entry", "void_entry"]
BATCH = 2000


@transaction.atomic
def log_time(
    *,
    acting_user: Membership,
    patient: Patient,
    programs: tuple[str, ...],
    start_s: int,
    end_s: int,
    activity: str | None = None,
    contact: str | None = None,
    note: str | None = None,
    entry_id: str | None = None,
    **more: Any,
) -> TimeEntry:
    """Record a stretch of one's own work. The same ``entry_id`` sent twice is recorded once.

    Raises:
        TimeRefused: impossible times, the person already has time in that stretch, it is not told what was done, or the id
            stands for other work.
    """
    work = WorkRecord(
        entry_id=entry_id or str(uuid4()),
        patient_id=patient.code,
        by=_self(acting_user).code,
        programs=programs,
        start_s=start_s,
        end_s=end_s,
        activity=activity or None,
        contact=contact or None,
        note=note or None,
        documented=bool(note),
        **more,
    )
    ledger = _locked_ledger()
    before = TimeEntry.objects.filter(entry_id=work.entry_id)
    if before.exists():  # alone, since reading the entry with all it refers to costs ten times as much
        return _sent_again(before.select_related("patient", "by", "corrects").get(), work)
    row = _append(ledger, work, "logged", acting_user, patient, _self(acting_user))
    record(acting_user=acting_user, action="time.logged", patient=patient, target=row, after=_said(row))
    return row


@transaction.atomic
def void_entry(*, acting_user: Membership, entry: TimeEntry, reason: str) -> TimeEntry:
    """Take an entry out of what counts, with the reason; it stays in the ledger.

    Raises:
        TimeRefused: no reason is given, or the entry is corrected already.
    """
    ledger = _locked_ledger()
    _check_correction(entry, reason, acting_user)
    row = _append(ledger, None, "voided", acting_user, entry.patient, entry.by, corrects=entry, reason=reason)
    record(
        acting_user=acting_user, action="time.voided", patient=entry.patient, target=row, before=_said(entry), after={"reason": reason}
    )  # fmt: skip
    return row


@transaction.atomic
def replace_entry(*, acting_user: Membership, entry: TimeEntry, reason: str, **changes: Any) -> TimeEntry:
    """Put a corrected entry in the place of an entry; both stay in the ledger.

    Raises:
        TimeRefused: no reason, corrected already, it is not told what was done, or the new times are impossible or overlap.
    """
    ledger = _locked_ledger()
    _check_correction(entry, reason, acting_user)
    patient = changes.pop("patient", entry.patient)
    before = entry_of(entry).work
    assert before is not None
    same = {name: getattr(before, name) for name in before.__slots__}
    note = changes.get("note", before.note)
    own = {"entry_id": str(uuid4()), "patient_id": patient.code, "documented": bool(note) or before.documented}
    work = WorkRecord(**{**same, **changes, **own})
    row = _append(ledger, work, "replaced", acting_user, patient, entry.by, corrects=entry, reason=reason)
    record(
        acting_user=acting_user, action="time.replaced", patient=patient, target=row, before=_said(entry), after=_said(row)
    )  # fmt: skip
    if patient.pk != entry.patient_id:
        record(
            acting_user=acting_user, action="time.moved_away", patient=entry.patient, target=entry, before=_said(entry)
        )
    return row


@transaction.atomic
def import_entries(
    *, works: Iterable[WorkRecord], patients: dict[str, Patient], people: dict[str, Person], source: str
) -> int:
    """Take over entries of another system, each once, marked imported; returns how many were new."""
    ledger = _locked_ledger()
    known = set(TimeEntry.objects.values_list("entry_id", flat=True))
    fresh: list[TimeEntry] = []
    for work in works:
        if work.entry_id not in known:
            flags = ("imported",)
            row = TimeEntry(patient=patients[work.patient_id], by=people[work.by], worked_on=_worked_on(work))
            fresh.append(_chained(ledger, row, work, kind="logged", recorded_by=source, flags=flags))
    TimeEntry.objects.bulk_create(fresh, batch_size=BATCH)
    ledger.save()
    return len(fresh)


def _sent_again(before: TimeEntry, work: WorkRecord) -> TimeEntry:
    """The entry that is there, when the same work arrives again; other work under its id would be lost silently."""
    if entry_of(before).work != work:
        raise TimeRefused("this form was sent before with other content", "open that entry and correct it")
    return before


def _self(member: Membership) -> Person:
    if member.person is None:
        raise TimeRefused(
            "your account is not linked to a person of the practice", "ask an administrator to link it under Settings"
        )
    return member.person


def _locked_ledger() -> TimeLedger:
    """The organisation's ledger, locked until the transaction ends; made with its first entry."""
    organisation = current_organisation()
    locked = TimeLedger.objects.select_for_update().filter(organisation=organisation)
    if found := locked.first():
        return found
    ledger_id = f"{organisation.slug}-{uuid4()}"
    ledger = TimeLedger(
        ledger_id=ledger_id, time_zone=organisation.time_zone, late_after_days=organisation.late_after_days
    )
    bound = {name: getattr(ledger, name) for name in ("ledger_id", "time_zone", "late_after_days")}
    # Another server may make it in the same moment; one of the two is kept.
    TimeLedger.objects.get_or_create(organisation=organisation, defaults={**bound, "head_hash": origin_of(ledger).hash})
    return locked.get()


def _append(
    ledger: TimeLedger,
    work: WorkRecord | None,
    kind: str,
    acting_user: Membership,
    patient: Patient,
    by: Person,
    corrects: TimeEntry | None = None,
    reason: str | None = None,
) -> TimeEntry:
    flags: tuple[str, ...] = ()
    worked_on = timezone.localdate() if corrects is None else corrects.worked_on
    if work is not None:
        flags = _admit(ledger, work, by, corrects)
        worked_on = _worked_on(work)
        check_told(work, worked_on)
    row = TimeEntry(patient=patient, by=by, worked_on=worked_on, corrects=corrects, programs=())
    _chained(ledger, row, work, kind=kind, recorded_by=name_of(acting_user), reason=reason, flags=flags)
    row.save()
    ledger.save()
    return row


def _chained(ledger: TimeLedger, row: TimeEntry, work: WorkRecord | None, **said: Any) -> TimeEntry:
    """The row at the ledger's end, sealed; moves the ledger's end."""
    entry = seal(
        LedgerEntry(
            sequence=ledger.sequence + 1,
            entry_id=work.entry_id if work else str(uuid4()),
            work=work,
            recorded_s=now_s(),
            previous_hash=ledger.head_hash,
            refers_to=row.corrects.entry_id if row.corrects else None,
            **said,
        )
    )
    ledger.sequence, ledger.head_hash = entry.sequence, entry.hash
    return take(row, entry)


def _admit(ledger: TimeLedger, work: WorkRecord, by: Person, corrects: TimeEntry | None) -> tuple[str, ...]:
    """The flags of work that may be recorded; TimeRefused otherwise."""
    try:
        check_work(work, origin_of(ledger), now_s())
    except EntryRefused as refused:
        raise TimeRefused(refused.problem, refused.mend, "end") from None
    if work.start_s is not None and work.end_s is not None:
        other = overlapping(by, work.start_s, work.end_s, but=corrects)
        if other is not None:
            raise TimeRefused(_overlap(other), "change the times, or correct the other entry first", "start")
    draft = LedgerEntry(
        sequence=1,
        entry_id=work.entry_id,
        kind="logged",
        recorded_s=now_s(),
        recorded_by="-",
        previous_hash="",
        work=work,
    )
    return ("late",) if is_late(draft, origin_of(ledger)) else ()


def _overlap(other: TimeEntry) -> str:
    """Why the stretch is taken: by which entry, from when to when; the other patient by id only."""
    zone = current_organisation().zone
    start, end = (datetime.fromtimestamp(second or 0, zone) for second in (other.start_s, other.end_s))
    return (
        f"{other.by} already has time from {start:%H:%M:%S} to {end:%H:%M:%S} on {start:%b} {start.day} "
        f"(patient {other.patient.code}); one person's minute is counted once"
    )


def _check_correction(entry: TimeEntry, reason: str, acting_user: Membership) -> None:
    try:
        check_words(entry.entry_id, name_of(acting_user), reason, needs_reason=True)
    except EntryRefused as refused:
        raise TimeRefused(refused.problem, refused.mend, "reason") from None
    check_reason(reason)
    if TimeEntry.objects.filter(corrects=entry).exists() or entry.kind == "voided":
        raise TimeRefused("this entry was corrected already", "open the entry that stands in its place")


def _worked_on(work: WorkRecord) -> date:
    if work.start_s is None:
        assert work.on is not None
        return work.on
    return datetime.fromtimestamp(work.start_s, ZoneInfo(current_organisation().time_zone)).date()


def _said(row: TimeEntry) -> dict[str, Any]:
    names = ("entry_id", "kind", "start_s", "end_s", "on", "seconds", "activity", "contact", "note", "reason", "flags")
    return {**{name: getattr(row, name) for name in names}, "by": row.by.code, "programs": list(row.programs)}


def now_s() -> int:
    """The server's clock, seconds UTC."""
    return int(timezone.now().timestamp())
