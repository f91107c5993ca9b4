"""What entries say about each other and the clock: things the ledger itself never writes, however well they are chained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from careledger.core.ledger import LedgerEntry, Origin
from careledger.ledger.admission import EntryRefused, check_work, is_late
from careledger.ledger.chain import Fault, Row
from careledger.ledger.store import CLOCK_SLACK_S


def meaning_faults(rows: Sequence[Row], origin: Origin) -> list[Fault]:
    """Entries that no ledger would have taken in."""
    seen: dict[str, LedgerEntry] = {}
    corrected: set[str] = set()
    faults = []
    latest_s = 0
    for row in rows:
        if row.entry is None:
            continue
        faults += [
            Fault("forged", row.place, row.entry_id, f"never written by the ledger: {says}")
            for says in _said_of(row.entry, seen, corrected, origin, latest_s)
        ]
        latest_s = max(latest_s, row.entry.recorded_s)
        seen.setdefault(row.entry.entry_id, row.entry)
        if row.entry.refers_to is not None:
            corrected.add(row.entry.refers_to)
    return faults


def _said_of(
    entry: LedgerEntry, seen: dict[str, LedgerEntry], corrected: set[str], origin: Origin, latest_s: int
) -> Iterator[str]:
    if entry.entry_id in seen:
        yield f"sequence {seen[entry.entry_id].sequence} has the same id"
    if entry.recorded_s < latest_s - CLOCK_SLACK_S:
        yield "it says it was recorded before entries ahead of it"
    if entry.refers_to is not None:
        target = seen.get(entry.refers_to)
        if target is None or target.work is None:
            yield f"it corrects entry {entry.refers_to}, which is no work recorded before it"
        elif entry.refers_to in corrected:
            yield f"it corrects entry {entry.refers_to} a second time"
    if entry.work is not None:
        if ("late" in entry.flags) != _is_late_or_odd(entry, origin):
            yield "its mark of lateness does not fit its times"
        try:
            check_work(entry.work, origin, entry.recorded_s)
        except EntryRefused as refused:
            yield refused.problem


def _is_late_or_odd(entry: LedgerEntry, origin: Origin) -> bool:
    """Lateness, or the mark itself where the entry gives no times to judge by (which is told as such)."""
    if entry.work is not None and entry.work.end_s is None and entry.work.on is None:
        return "late" in entry.flags
    return is_late(entry, origin)
