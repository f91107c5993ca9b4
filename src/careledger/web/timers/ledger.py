"""Rows of the time ledger as the core's ledger entries, so that one definition of the chain serves file and database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from careledger.core.ledger import LedgerEntry, Origin, canonical, parse
from careledger.core.records import TimeEntry as WorkRecord
from careledger.ledger.chain import Fault, Row, chain_faults
from careledger.web.tenancy.scope import current_organisation
from careledger.web.timers.models import TimeEntry, TimeLedger

_SAME = tuple(
    field.name
    for field in fields(WorkRecord)
    if field.name not in ("entry_id", "patient_id", "by", "programs", "recorded_s")
)


def origin_of(ledger: TimeLedger) -> Origin:
    """What the ledger is bound to."""
    return Origin(ledger_id=ledger.ledger_id, time_zone=ledger.time_zone, late_after_days=ledger.late_after_days)


def work_of(row: TimeEntry) -> WorkRecord | None:
    """The work a row holds, as it was recorded; None for a void."""
    if row.kind == "voided":
        return None
    return WorkRecord(
        entry_id=row.entry_id,
        patient_id=row.patient.code,
        by=row.by.code,
        programs=tuple(row.programs),
        recorded_s=row.work_recorded_s,
        **{name: getattr(row, name) for name in _SAME},
    )


def entry_of(row: TimeEntry) -> LedgerEntry:
    """The ledger entry a row holds, with the hash that stands beside it."""
    return LedgerEntry(
        sequence=row.sequence,
        entry_id=row.entry_id,
        kind=row.kind,
        recorded_s=row.recorded_s,
        recorded_by=row.recorded_by,
        previous_hash=row.previous_hash,
        work=work_of(row),
        refers_to=row.corrects.entry_id if row.corrects is not None else None,
        reason=row.reason,
        flags=tuple(row.flags),
        hash=row.hash,
    )


def take(row: TimeEntry, entry: LedgerEntry) -> TimeEntry:
    """Give a row what the sealed entry says."""
    row.sequence, row.entry_id, row.kind = entry.sequence, entry.entry_id, entry.kind
    row.recorded_s, row.recorded_by, row.reason = entry.recorded_s, entry.recorded_by, entry.reason
    row.flags, row.previous_hash, row.hash = entry.flags, entry.previous_hash, entry.hash
    if entry.work is not None:
        row.programs, row.work_recorded_s = entry.work.programs, entry.work.recorded_s
        for name in _SAME:
            setattr(row, name, getattr(entry.work, name))
    return row


def ledger_faults() -> list[Fault]:
    """Every fault of the organisation's ledger: altered, deleted, inserted, reordered, cut off."""
    ledger = TimeLedger.objects.filter(organisation=current_organisation()).first()
    if ledger is None:
        return []
    rows = list(_rows(TimeEntry.objects.order_by("sequence").select_related("patient", "by", "corrects").iterator()))
    found = chain_faults(rows, origin_of(ledger))
    last = rows[-1] if rows else None
    if (last.place if last else 0, last.kept_hash if last else origin_of(ledger).hash) != (
        ledger.sequence,
        ledger.head_hash,
    ):
        says = f"cut off: {ledger.sequence} entries were written, the last one here is {last.place if last else 0}"
        found.append(Fault("truncated", last.place if last else None, last.entry_id if last else None, says))
    return found


def _rows(entries: Iterable[TimeEntry]) -> Iterator[Row]:
    for row in entries:
        entry = entry_of(row)
        text = canonical(entry)
        yield Row(row.sequence, row.hash, parse(text).hash, row.entry_id, entry)
