"""Reading time: the running timer, a month's entries, who already holds a minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from careledger.core.month import Month
from careledger.core.records import TimeEntry as WorkRecord
from careledger.web.accounts.models import Membership
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.timers.models import TimeEntry, Timer
from careledger.web.timers.verdicts import counted, tell

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Clock:
    """A timer as pages show it.

    Attributes:
        seconds: what would be logged if it stopped now.
        is_forgotten: it runs longer than the house allows without anyone seen.
        unanswered: stretches in the background nobody has answered for.
    """

    timer: Timer
    seconds: int
    is_forgotten: bool
    unanswered: list[Any] = field(default_factory=list)


def running_timer(member: Membership) -> Clock | None:
    """The member's timer that is not done, if there is one."""
    timer = (
        Timer.objects.filter(membership=member)
        .exclude(state="done")
        .select_related("patient")
        .prefetch_related("stretches")
        .first()
    )
    return None if timer is None else clock_of(timer, member.organisation.forgotten_after_minutes)


def clock_of(timer: Timer, forgotten_after_minutes: int) -> Clock:
    """The clock of a timer, now."""
    now = int(timezone.now().timestamp())
    stretches = list(timer.stretches.all())
    done = sum(row.end_s - row.start_s for row in stretches if row.counts)
    runs = now - timer.running_since_s if timer.running_since_s is not None else 0
    lost = now - timer.seen_s > forgotten_after_minutes * 60 and timer.running_since_s is not None
    waiting = [row for row in stretches if row.counts is None]
    return Clock(timer=timer, seconds=done + runs, is_forgotten=lost, unanswered=waiting)


def entries_of(patient: Patient, month: Month) -> list[TimeEntry]:
    """Everything the ledger says of a patient's month, newest first, with what a second person said; corrected entries too."""
    rows = list(
        TimeEntry.objects.filter(patient=patient, worked_on__range=(month.first_on, month.last_on))
        .select_related("by", "corrects", "correction")
        .order_by("-worked_on", "-start_s", "-sequence")
    )
    tell(rows)
    return rows


def overlapping(by: Person, start_s: int, end_s: int, but: TimeEntry | None = None) -> TimeEntry | None:
    """An entry of the person that stands and has a second in common with the stretch."""
    first = datetime.fromtimestamp(start_s, timezone.get_current_timezone()).date()
    found = TimeEntry.objects.current().filter(
        by=by, worked_on__range=(first - _DAY, first + 2 * _DAY), start_s__lt=end_s, end_s__gt=start_s
    )
    if but is not None:
        found = found.exclude(pk=but.pk)
    if not found.exists():  # alone, since reading the entry with all it refers to costs ten times as much
        return None
    row: TimeEntry | None = found.select_related("by", "patient").first()
    return row


def month_work(patients: Iterable[int], month: Month) -> list[WorkRecord]:
    """The work that stands in a month for the patients, and what the same people did for others at the same time."""
    own = _standing(month).filter(patient__in=list(patients))
    return [_as_rules_read(row) for row in _in_order(own)]


def crossing_work(patient: Patient, month: Month) -> list[WorkRecord]:
    """Work for other patients that shares seconds with this patient's, by the same people."""
    own = [row for row in _standing(month).filter(patient=patient) if row.start_s is not None]
    if not own:
        return []
    shares = Q()
    for row in own:
        shares |= Q(by_id=row.by_id, start_s__lt=row.end_s, end_s__gt=row.start_s)
    return [_as_rules_read(row) for row in _in_order(_standing(month).exclude(patient=patient).filter(shares))[:500]]


def _standing(month: Month) -> Any:
    """Entries that stand and count: where the house wants a second person's approval, those that have it."""
    days = (month.first_on - _DAY, month.last_on + _DAY)
    return counted(TimeEntry.objects.current()).filter(worked_on__range=days).select_related("by", "patient").order_by()


def _in_order(rows: Iterable[TimeEntry]) -> list[TimeEntry]:
    """As recorded. Sorted here: asked to sort, SQLite walks the whole ledger by its sequence instead of by patient."""
    return sorted(rows, key=lambda row: row.sequence)


def _as_rules_read(row: TimeEntry) -> WorkRecord:
    from careledger.web.timers.ledger import work_of

    work = work_of(row)
    assert work is not None
    return replace(work, recorded_s=row.recorded_s_for_rules)
