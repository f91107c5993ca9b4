"""The timer on the server: one a person, paused, switched, hidden, forgotten; what counts is what people did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.web.patients.models import Patient
from careledger.web.timers import stopwatch
from careledger.web.timers.actions import TimeRefused
from careledger.web.timers.models import TimeEntry, Timer
from careledger.web.timers.queries import running_timer

WORK = {"activity": "call_patient", "contact": "patient", "note": "Reviewed symptoms and the plan."}


def start(cast: Cast, patient: Patient | None = None) -> Timer:
    return stopwatch.start_timer(acting_user=cast["nurse"], patient=patient or cast.patient, program="ccm")


def lengths(cast: Cast) -> list[int]:
    return [row.length_s for row in TimeEntry.objects.current().order_by("start_s")]


def test_it_logs_exactly_the_seconds_between_start_and_stop(inside: Cast, clock: Clock) -> None:
    start(inside)
    clock.forward(minutes=19, seconds=59)
    (entry,) = stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    assert entry.length_s == 19 * 60 + 59
    assert (entry.by.code, entry.programs, entry.documented) == ("rn-1", ("ccm",), True)
    assert running_timer(inside["nurse"]) is None


def test_it_leaves_a_pause_out(inside: Cast, clock: Clock) -> None:
    start(inside)
    clock.forward(minutes=5)
    stopwatch.pause_timer(acting_user=inside["nurse"])
    clock.forward(minutes=30)
    stopwatch.resume_timer(acting_user=inside["nurse"])
    clock.forward(minutes=7)
    stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    assert lengths(inside) == [300, 420]


def test_it_runs_one_timer_a_person(inside: Cast, clock: Clock) -> None:
    start(inside)
    with pytest.raises(TimeRefused, match="you already have a timer"):
        start(inside)
    other = stopwatch.start_timer(acting_user=inside["practitioner"], patient=inside.patient, program="ccm")
    assert other.membership == inside["practitioner"]


def test_it_switches_in_the_same_second_without_an_overlap(inside: Cast, clock: Clock) -> None:
    second = make_patient("p2", inside["practitioner"].person)
    start(inside)
    clock.forward(minutes=6)
    stopwatch.switch_timer(acting_user=inside["nurse"], patient=second, program="ccm", **WORK)
    clock.forward(minutes=4)
    stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    first, last = TimeEntry.objects.current().order_by("start_s")
    assert first.end_s == last.start_s
    assert [first.patient.code, last.patient.code] == ["p1", "p2"]


@pytest.mark.parametrize(("counts", "kept"), [(True, [120, 600, 60]), (False, [120, 60]), (None, [120, 60])])
def test_it_counts_background_time_only_when_the_person_says_so(
    inside: Cast, clock: Clock, counts: bool | None, kept: list[int]
) -> None:
    start(inside)
    clock.forward(minutes=2)
    stopwatch.hide_timer(acting_user=inside["nurse"])
    clock.forward(minutes=10)
    stopwatch.see_timer(acting_user=inside["nurse"])
    shown = running_timer(inside["nurse"])
    assert shown is not None
    assert shown.seconds == 120
    (asked,) = shown.unanswered
    if counts is not None:
        stopwatch.answer_background(acting_user=inside["nurse"], stretch_id=asked.pk, counts=counts)
    clock.forward(minutes=1)
    stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    assert lengths(inside) == kept


def test_it_asks_nothing_about_a_short_look_at_another_tab(inside: Cast, clock: Clock) -> None:
    start(inside)
    stopwatch.hide_timer(acting_user=inside["nurse"])
    clock.forward(seconds=25)
    stopwatch.see_timer(acting_user=inside["nurse"])
    clock.forward(seconds=35)
    stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    assert lengths(inside) == [60]


def test_it_proposes_to_trim_a_forgotten_timer_and_cuts_nothing_by_itself(inside: Cast, clock: Clock) -> None:
    start(inside)
    clock.forward(minutes=12)
    stopwatch.see_timer(acting_user=inside["nurse"])
    seen = clock.s
    clock.forward(hours=7)
    shown = running_timer(inside["nurse"])
    assert shown is not None
    assert shown.is_forgotten
    assert shown.seconds == 7 * 3600 + 12 * 60
    stopwatch.stop_timer(acting_user=inside["nurse"], until_s=seen, **WORK)
    assert lengths(inside) == [12 * 60]


def test_it_keeps_the_timer_when_what_it_holds_is_refused(inside: Cast, clock: Clock) -> None:
    start(inside)
    clock.forward(minutes=10)
    from careledger.web.timers.actions import log_time

    log_time(
        acting_user=inside["nurse"],
        patient=inside.patient,
        programs=("ccm",),
        start_s=clock.s - 60,
        end_s=clock.s,
        **WORK,
    )
    with pytest.raises(TimeRefused, match="already has time"):
        stopwatch.stop_timer(acting_user=inside["nurse"], **WORK)
    shown = running_timer(inside["nurse"])
    assert shown is not None
    assert shown.timer.state == "running"


def test_it_survives_closing_the_browser_and_shows_in_every_tab(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    first, second = as_role("nurse"), as_role("nurse")
    first.post(f"/time/timer/start/{cast.patient.pk}/", {"program": "ccm"})
    clock.forward(minutes=3)
    assert 'data-seconds="180" data-running="1"' in second.get("/").content.decode()
    second.post("/time/timer/pause/")
    clock.forward(minutes=3)
    assert 'data-seconds="180" data-running="0"' in first.get("/").content.decode()


def test_it_asks_for_the_note_and_keeps_what_was_typed(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    client.post(f"/time/timer/start/{cast.patient.pk}/")
    clock.forward(minutes=3)
    answer = client.post("/time/timer/stop/", {"activity": "call_patient", "contact": "patient", "note": ""})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
    assert '<option value="patient" selected>' in answer.content.decode()
    sent = client.post("/time/timer/stop/", WORK)
    assert sent.headers["Location"] == f"/patients/{cast.patient.pk}/"
    assert "Logged 3 min" in client.get(sent.headers["Location"]).content.decode()
