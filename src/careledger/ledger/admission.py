"""What may enter the ledger: possible times, known programs, a reason for every correction."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from careledger.core.errors import LedgerError
from careledger.core.ledger import LedgerEntry, Origin, is_plain_text, wrong_type
from careledger.core.month import day_start_s
from careledger.core.records import PROGRAMS, TimeEntry

DAY_S = 24 * 3600
FIRST_S = 946_684_800
"""The year 2000: a clock time before it is a mistake of units, not work."""


class EntryRefused(LedgerError):
    """An entry that may not be recorded, with what is wrong and what to do."""

    def __init__(self, entry_id: str, problem: str, mend: str) -> None:
        super().__init__(f"entry {entry_id or '(without id)'}: {problem}; {mend}")
        self.entry_id = entry_id
        self.problem = problem
        self.mend = mend


def check_work(work: TimeEntry, origin: Origin, now_s: int) -> None:
    """EntryRefused unless the work is possible: whole, not in the future, not longer than a day.

    Args:
        work: the stretch of work.
        origin: gives the time zone in which a day without clock times lies.
        now_s: the ledger's clock, seconds UTC.
    """
    field = wrong_type(work)
    if field is not None:
        raise EntryRefused(work.entry_id, f"{field} has a value of the wrong kind", "see docs/tables.md, time_entries")
    for name in ("entry_id", "patient_id", "by"):
        if not getattr(work, name).strip():
            raise EntryRefused(work.entry_id, f"{name} is empty", "fill it")
    if not work.programs or any(program not in PROGRAMS for program in work.programs):
        raise EntryRefused(work.entry_id, "no such program", f"name one of {', '.join(PROGRAMS)}")
    if work.start_s is not None or work.end_s is not None:
        _check_clock_times(work, now_s)
    else:
        _check_day(work, origin, now_s)
    if work.recorded_s is not None and work.recorded_s > now_s:
        raise EntryRefused(work.entry_id, "it says it was recorded in the future", "correct recorded_s")


def check_words(entry_id: str, recorded_by: str, reason: str | None, *, needs_reason: bool) -> None:
    """EntryRefused unless it is told who records, and for a correction why."""
    if not is_plain_text(entry_id) or not entry_id.strip():
        raise EntryRefused("", "the entry has no id", "let whoever writes make one, such as a UUID")
    if not is_plain_text(recorded_by) or not recorded_by.strip():
        raise EntryRefused(entry_id, "it is not told who records it", "name the person")
    if needs_reason and (reason is None or not is_plain_text(reason) or not reason.strip()):
        raise EntryRefused(entry_id, "a correction without a reason", "say why the entry is corrected")


def worked_until_s(work: TimeEntry, origin: Origin) -> int:
    """When the work had ended at the latest, seconds UTC; for a day without clock times the end of that day."""
    if work.end_s is not None:
        return work.end_s
    assert work.on is not None
    return day_start_s(work.on, ZoneInfo(origin.time_zone)) + DAY_S


def days_late(entry: LedgerEntry, origin: Origin) -> int:
    """Whole days from the end of the work to its first recording; 0 when it was recorded before that or none is due."""
    if entry.work is None:
        return 0
    return max(0, (entry.work_recorded_s() - worked_until_s(entry.work, origin)) // DAY_S)


def is_late(entry: LedgerEntry, origin: Origin) -> bool:
    """Was the work recorded more than the ledger's ``late_after_days`` after it ended?"""
    if entry.work is None:
        return False
    return entry.work_recorded_s() - worked_until_s(entry.work, origin) > origin.late_after_days * DAY_S


def _check_clock_times(work: TimeEntry, now_s: int) -> None:
    if work.start_s is None or work.end_s is None or work.on is not None or work.seconds is not None:
        raise EntryRefused(work.entry_id, "times are given by halves", "give start and end, or a day and seconds")
    if work.start_s < FIRST_S:
        raise EntryRefused(work.entry_id, "the start lies before the year 2000", "give seconds UTC since 1970")
    if work.end_s <= work.start_s:
        raise EntryRefused(work.entry_id, "it ends before or when it starts", "correct start or end")
    if work.end_s - work.start_s > DAY_S:
        raise EntryRefused(work.entry_id, "it is longer than 24 hours", "split or correct it")
    if work.end_s > now_s:
        raise EntryRefused(work.entry_id, "it lies in the future", "log work after it was done")


def _check_day(work: TimeEntry, origin: Origin, now_s: int) -> None:
    if work.on is None or work.seconds is None:
        raise EntryRefused(work.entry_id, "neither start and end nor a day and seconds are given", "give start and end")
    if not 0 < work.seconds <= DAY_S:
        raise EntryRefused(work.entry_id, "seconds are not between 1 and 86400", "correct the length")
    if day_start_s(work.on, ZoneInfo(origin.time_zone)) + work.seconds > now_s:
        raise EntryRefused(work.entry_id, "it lies in the future", "log work after it was done")
