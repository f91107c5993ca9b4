"""Actions on the timer that runs on the server: start, pause, resume, stop, switch, discard; hidden tabs and forgotten ones."""

from __future__ import annotations

from django.db import transaction

from careledger.ledger.store import CLOCK_SLACK_S
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients.models import Patient
from careledger.web.timers.actions import TimeRefused, log_time, now_s
from careledger.web.timers.models import TimeEntry, Timer, TimerStretch

HIDDEN_GRACE_S = 30
"""A tab left for less than this was never away: people look something up. A house value."""


@transaction.atomic
def start_timer(*, acting_user: Membership, patient: Patient, program: str, activity: str | None = None) -> Timer:
    """Start timing work for a patient.

    Raises:
        TimeRefused: the person has no place in the directory, or a timer already.
    """
    if acting_user.person is None:
        raise TimeRefused("your account is not linked to a person of the practice", "ask an administrator to link it")
    Membership.objects.select_for_update(no_key=True).get(
        pk=acting_user.pk
    )  # of two starts at once, the second sees the first
    before = open_timer(acting_user)
    if before is not None:
        raise TimeRefused("you already have a timer", "stop it, or switch it to this patient")
    now = now_s()
    timer = Timer.objects.create(
        membership=acting_user,
        patient=patient,
        program=program,
        activity=activity or None,
        started_s=now,
        running_since_s=now,
        seen_s=now,
    )
    record(acting_user=acting_user, action="timer.started", patient=patient, target=timer, after={"program": program})
    return timer


@transaction.atomic
def pause_timer(*, acting_user: Membership, until_s: int | None = None) -> Timer | None:
    """Pause; the stretch up to now, or up to ``until_s`` for a forgotten timer, is kept.

    Raises:
        TimeRefused: the server's clock was set back behind what the timer has seen; then the timer stays as it is.
    """
    timer = open_timer(acting_user)
    if timer is not None and timer.running_since_s is not None:
        _halt(timer, until_s)
        timer.save()
    return timer


def _halt(timer: Timer, until_s: int | None) -> None:
    """Close the running stretch and pause the timer, which is yet to be saved; TimeRefused when the clock was set back."""
    if timer.running_since_s is None:
        return
    if now_s() < max(timer.running_since_s, timer.seen_s) - CLOCK_SLACK_S:
        raise TimeRefused("the clock stands before the timer's work", "set the server's clock right; nothing is lost")
    _settle_hidden(timer)
    _close_stretch(timer, until_s or now_s(), counts=True)
    timer.running_since_s, timer.state = None, "paused"


@transaction.atomic
def resume_timer(*, acting_user: Membership) -> Timer | None:
    """Go on with a paused timer."""
    timer = open_timer(acting_user)
    if timer is not None and timer.running_since_s is None:
        timer.running_since_s = timer.seen_s = now_s()
        timer.hidden_since_s, timer.state = None, "running"
        timer.save()
    return timer


@transaction.atomic
def stop_timer(
    *,
    acting_user: Membership,
    activity: str | None = None,
    contact: str | None = None,
    note: str | None = None,
    until_s: int | None = None,
) -> list[TimeEntry]:
    """Stop, and log every stretch that counts as an entry of its own. Background time nobody answered for is left out.

    Args:
        until_s: the end of the last stretch, for a forgotten timer; now when None.

    Raises:
        TimeRefused: a stretch overlaps time already logged, or the clock was set back; then the timer stays as it is.
    """
    timer = open_timer(acting_user)
    if timer is None:
        raise TimeRefused("no timer is running", "type the time in, with its start and end")
    _halt(timer, until_s)
    entries = [
        log_time(
            acting_user=acting_user,
            patient=timer.patient,
            programs=(timer.program,),
            start_s=row.start_s,
            end_s=row.end_s,
            activity=activity or timer.activity,
            contact=contact or timer.contact,
            note=note or timer.note,
            entry_id=f"timer-{timer.pk}-{row.pk}",
        )
        for row in timer.stretches.filter(counts=True)
    ]
    _finish(timer)
    logged = sum(entry.length_s for entry in entries)
    record(
        acting_user=acting_user, action="timer.stopped", patient=timer.patient, target=timer, after={"logged_s": logged}
    )
    return entries


@transaction.atomic
def switch_timer(
    *, acting_user: Membership, patient: Patient, program: str, activity: str, note: str, contact: str | None = None
) -> Timer:
    """Stop for one patient, saying what was done, and start for another in the same second; no second is lost or counted twice."""
    stop_timer(acting_user=acting_user, activity=activity, contact=contact, note=note)
    return start_timer(acting_user=acting_user, patient=patient, program=program)


@transaction.atomic
def discard_timer(*, acting_user: Membership) -> None:
    """Throw a timer away without logging; the audit log keeps that it ran."""
    timer = open_timer(acting_user)
    if timer is not None:
        _finish(timer)
        record(acting_user=acting_user, action="timer.discarded", patient=timer.patient, target=timer)


@transaction.atomic
def see_timer(*, acting_user: Membership) -> Timer | None:
    """A visible page says that someone is there."""
    timer = open_timer(acting_user)
    if timer is not None and timer.running_since_s is not None:
        _settle_hidden(timer)
        timer.seen_s = now_s()
        timer.save()
    return timer


@transaction.atomic
def hide_timer(*, acting_user: Membership) -> None:
    """The page went into the background."""
    timer = open_timer(acting_user)
    if timer is not None and timer.running_since_s is not None and timer.hidden_since_s is None:
        timer.hidden_since_s = timer.seen_s = now_s()
        timer.save()


@transaction.atomic
def answer_background(*, acting_user: Membership, stretch_id: int, counts: bool) -> None:
    """The person says whether a stretch in the background was work."""
    row = TimerStretch.objects.filter(timer__membership=acting_user, pk=stretch_id, counts__isnull=True).first()
    if row is not None:
        row.counts = counts
        row.save()
        record(acting_user=acting_user, action="timer.background_answered", target=row, after={"counts": counts})


def open_timer(member: Membership) -> Timer | None:
    """The member's timer that is not done, locked."""
    found: Timer | None = (
        Timer.objects.select_for_update(of=("self",)).filter(membership=member).exclude(state="done").select_related("patient").first()
    )  # fmt: skip
    return found


def _settle_hidden(timer: Timer) -> None:
    """Part a stretch in the background from the rest, to be asked about."""
    now = now_s()
    hidden = timer.hidden_since_s
    timer.hidden_since_s = None
    if hidden is None or now - hidden <= HIDDEN_GRACE_S or timer.running_since_s is None:
        return
    _close_stretch(timer, hidden, counts=True)
    TimerStretch.objects.create(timer=timer, start_s=hidden, end_s=now, counts=None)
    timer.running_since_s = now


def _close_stretch(timer: Timer, end_s: int, *, counts: bool) -> None:
    start = timer.running_since_s
    if start is not None and end_s > start:
        TimerStretch.objects.create(timer=timer, start_s=start, end_s=min(end_s, now_s()), counts=counts)


def _finish(timer: Timer) -> None:
    timer.state, timer.running_since_s, timer.hidden_since_s = "done", None, None
    timer.save()
