"""Time entries: half-open, one minute once, corrected by adding, chained; the database refuses to forget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock
from tests.web.tamper import behind_the_triggers

from careledger.web.timers.actions import TimeRefused, log_time, replace_entry, void_entry
from careledger.web.timers.ledger import ledger_faults
from careledger.web.timers.models import TimeEntry, TimeLedger


def log(cast: Cast, clock: Clock, start: int, end: int, role: str = "nurse", **more: Any) -> TimeEntry:
    """Work from ``start`` to ``end`` minutes before now."""
    said = {
        "activity": "call_patient",
        "note": "Reviewed the plan.",
        "patient": cast.patient,
        "programs": ("ccm",),
        **more,
    }
    return log_time(acting_user=cast[role], start_s=clock.s - start * 60, end_s=clock.s - end * 60, **said)


def test_it_takes_neighbours_and_refuses_a_shared_second_with_the_reason(inside: Cast, clock: Clock) -> None:
    log(inside, clock, 60, 40)
    log(inside, clock, 40, 30)
    with pytest.raises(
        TimeRefused, match=r"Given Nurse, RN already has time from 11:20:00 to 11:30:00 on Nov 18 \(patient p1\)"
    ):
        log(inside, clock, 38, 35)
    log(inside, clock, 60, 40, role="practitioner")
    assert TimeEntry.objects.current().count() == 3


def test_it_refuses_an_overlap_on_another_patient_too(inside: Cast, clock: Clock) -> None:
    log(inside, clock, 60, 40)
    with pytest.raises(TimeRefused, match="one person's minute is counted once"):
        log(inside, clock, 50, 45, patient=make_patient("p2", inside["practitioner"].person))


@pytest.mark.parametrize(
    ("start", "end", "why"), [(10, 20, "ends before"), (10, -5, "future"), (3000, 10, "longer than 24 hours")]
)
def test_it_refuses_impossible_times(inside: Cast, clock: Clock, start: int, end: int, why: str) -> None:
    with pytest.raises(TimeRefused, match=why):
        log(inside, clock, start, end)
    assert not TimeEntry.objects.exists()


def test_it_records_the_same_message_once(inside: Cast, clock: Clock) -> None:
    first = log(inside, clock, 60, 40, entry_id="sent-twice")
    again = log(inside, clock, 60, 40, entry_id="sent-twice")
    assert first == again
    assert TimeEntry.objects.count() == 1


def test_it_voids_and_replaces_by_adding(inside: Cast, clock: Clock) -> None:
    wrong = log(inside, clock, 60, 40)
    right = replace_entry(acting_user=inside["nurse"], entry=wrong, reason="wrong end", end_s=clock.s - 45 * 60)
    assert list(TimeEntry.objects.current()) == [right]
    assert right.length_s == 15 * 60
    void_entry(acting_user=inside["nurse"], entry=right, reason="other patient")
    assert not TimeEntry.objects.current().exists()
    assert TimeEntry.objects.count() == 3
    with pytest.raises(TimeRefused, match="corrected already"):
        void_entry(acting_user=inside["nurse"], entry=wrong, reason="again")
    with pytest.raises(TimeRefused, match="without a reason"):
        void_entry(acting_user=inside["nurse"], entry=log(inside, clock, 20, 10), reason="  ")
    assert ledger_faults() == []


def test_it_frees_the_minutes_of_a_voided_entry(inside: Cast, clock: Clock) -> None:
    void_entry(acting_user=inside["nurse"], entry=log(inside, clock, 60, 40), reason="other patient")
    assert log(inside, clock, 55, 45).length_s == 600


def test_it_flags_late_entries(inside: Cast, clock: Clock) -> None:
    days = 24 * 60
    assert log(inside, clock, 4 * days + 20, 4 * days).flags == ("late",)
    assert log(inside, clock, 2 * days + 20, 2 * days).flags == ()


@pytest.mark.parametrize("sql", ["UPDATE timers_timeentry SET end_s = end_s + 60", "DELETE FROM timers_timeentry"])
def test_it_refuses_update_and_delete_in_the_database_itself(inside: Cast, clock: Clock, sql: str) -> None:
    log(inside, clock, 60, 40)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert TimeEntry.objects.get().length_s == 1200


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE timers_timeentry SET end_s = end_s + 60 WHERE sequence = 2", "altered"),
        ("DELETE FROM timers_timeentry WHERE sequence = 2", "deleted"),
        ("DELETE FROM timers_timeentry WHERE sequence = 3", "truncated"),
    ],
)
def test_it_finds_what_was_done_behind_the_triggers(inside: Cast, clock: Clock, sql: str, kind: str) -> None:
    for start in (60, 40, 20):
        log(inside, clock, start, start - 10)
    assert ledger_faults() == []
    behind_the_triggers("timers_timeentry", sql)
    assert kind in [fault.kind for fault in ledger_faults()]


def test_it_moves_the_ledgers_end_with_every_entry(inside: Cast, clock: Clock) -> None:
    row = log(inside, clock, 60, 40)
    ledger = TimeLedger.objects.get(organisation=inside.clinic)
    assert (ledger.sequence, ledger.head_hash) == (1, row.hash)


def test_it_takes_typed_time_once_and_tells_of_an_overlap_beside_the_field(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    path = f"/time/patient/{cast.patient.pk}/"
    typed = {"program": "ccm", "on": "2026-11-18", "start": "10:00", "end": "10:12", "activity": "call_patient", "contact": "patient", "note": "Reviewed the plan.", "once": "form-1"}  # fmt: skip
    for _ in range(2):
        assert client.post(path, typed).status_code == 302
    assert TimeEntry.everywhere.count() == 1
    answer = client.post(path, {**typed, "start": "10:10", "end": "10:20", "once": "form-2"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "already has time from 10:00:00 to 10:12:00" in page
    assert "Reviewed the plan." in page


def test_it_lets_only_the_worker_or_an_approver_correct(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    from careledger.web.tenancy.scope import acting_in

    with acting_in(cast.clinic):
        entry = log(cast, clock, 60, 40, role="practitioner")
    assert as_role("nurse").post(f"/time/entry/{entry.pk}/void/", {"reason": "no"}).status_code == 404
    assert as_role("stranger").post(f"/time/entry/{entry.pk}/void/", {"reason": "no"}).status_code == 404
    assert as_role("practitioner").post(f"/time/entry/{entry.pk}/void/", {"reason": "wrong"}).status_code == 302
    with acting_in(cast.clinic):
        assert not TimeEntry.objects.current().exists()


def test_what_stands_is_asked_so_that_a_planner_sees_how_few_entries_were_corrected(inside: Cast) -> None:
    """By the correction's own reference: asked by its key, PostgreSQL expects one row and crosses every entry with every patient."""
    where = str(TimeEntry.objects.current().query).partition(" WHERE ")[2]
    assert '"corrects_id" IS NULL' in where
    assert '."id" IS NULL' not in where
