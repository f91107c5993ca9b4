"""Time that is logged, corrected and timed in the clinic."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.faults.acts.inside import in_clinic, member, patient
from tests.web.cast import NOON, ZONE


def log(once: str, minute: int = 0) -> str:
    """The nurse logs five minutes of this morning."""
    from careledger.web.timers.actions import log_time

    with in_clinic():
        start = int((NOON - timedelta(hours=3) + timedelta(minutes=minute)).timestamp())
        row = log_time(
            acting_user=member("nurse"), patient=patient(), programs=("ccm",), start_s=start, end_s=start + 300,
            activity="call_patient", note="Called.", entry_id=once,
        )  # fmt: skip
        return row.entry_id


def log_october() -> str:
    """The nurse logs five minutes of October late."""
    from careledger.web.timers.actions import log_time

    with in_clinic():
        start = int(datetime(2026, 10, 20, 10, tzinfo=ZONE).timestamp())
        row = log_time(
            acting_user=member("nurse"), patient=patient(), programs=("ccm",), start_s=start, end_s=start + 300,
            activity="call_patient", note="Called.", entry_id="late-october",
        )  # fmt: skip
        return row.entry_id


def log_elsewhere(once: str) -> None:
    """A nurse of the other organisation, whose ledger has no entry yet, logs a minute."""
    from careledger.web.accounts.models import Membership
    from careledger.web.patients.models import Patient
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in
    from careledger.web.timers.actions import log_time

    with acting_in(Organisation.objects.get(slug="hillcrest")):
        start = int((NOON - timedelta(hours=1)).timestamp())
        log_time(
            acting_user=Membership.objects.select_related("person").get(organisation__slug="hillcrest"),
            patient=Patient.objects.get(), programs=("ccm",), start_s=start, end_s=start + 60,
            activity="call_patient", note="Called.", entry_id=once,
        )  # fmt: skip


def void(entry_id: str) -> None:
    """Take an entry out of what counts."""
    from careledger.web.timers.actions import void_entry
    from careledger.web.timers.models import TimeEntry

    with in_clinic():
        void_entry(acting_user=member("nurse"), entry=TimeEntry.objects.get(entry_id=entry_id), reason="wrong patient")


def replace(entry_id: str) -> None:
    """Put a corrected entry in the place of one."""
    from careledger.web.timers.actions import replace_entry
    from careledger.web.timers.models import TimeEntry

    with in_clinic():
        entry = TimeEntry.objects.get(entry_id=entry_id)
        replace_entry(acting_user=member("nurse"), entry=entry, reason="wrong end", end_s=entry.end_s - 60)


def start_timer() -> int:
    """The nurse starts the timer."""
    from careledger.web.timers.stopwatch import start_timer

    with in_clinic():
        return start_timer(acting_user=member("nurse"), patient=patient(), program="ccm").pk


def pause_timer() -> None:
    """The nurse pauses the timer."""
    from careledger.web.timers.stopwatch import pause_timer

    with in_clinic():
        pause_timer(acting_user=member("nurse"))


def resume_timer() -> None:
    """The nurse goes on."""
    from careledger.web.timers.stopwatch import resume_timer

    with in_clinic():
        resume_timer(acting_user=member("nurse"))


def see_timer() -> None:
    """A visible page reports."""
    from careledger.web.timers.stopwatch import see_timer

    with in_clinic():
        see_timer(acting_user=member("nurse"))


def stop_timer() -> int:
    """The nurse stops the timer; the seconds that were logged."""
    from careledger.web.timers.stopwatch import stop_timer

    with in_clinic():
        entries = stop_timer(acting_user=member("nurse"), activity="call_patient", note="Called.")
        return sum(entry.length_s for entry in entries)
