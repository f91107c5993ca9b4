"""Approval of time by a second person: nobody approves their own, and what is not approved does not count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.web.cast import NOON, Cast
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.models import AuditEvent
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Credential, Organisation, Person
from careledger.web.timers.actions import TimeRefused, log_time, replace_entry, void_entry
from careledger.web.timers.approvals import approve, give_back
from careledger.web.timers.models import TimeApproval, TimeEntry
from careledger.web.timers.queries import month_work

As = Callable[[str], Client]
NOVEMBER = Month(2026, 11)


@pytest.fixture
def asked(inside: Cast) -> Cast:
    """The house wants a second person for work from the tenth on."""
    Organisation.objects.filter(pk=inside.clinic.pk).update(needs_time_approval=True, approval_since=date(2026, 11, 10))
    inside.clinic.refresh_from_db()
    return inside


def log(cast: Cast, clock: Clock, who: str = "nurse", minutes: int = 21, days_ago: int = 0) -> TimeEntry:
    start = clock.s - 7200 - days_ago * 86400
    return log_time(
        acting_user=cast[who], patient=cast.patient, programs=("ccm",), start_s=start, end_s=start + minutes * 60,
        activity="call_patient", note="Reviewed the plan.",
    )  # fmt: skip


def counted(cast: Cast) -> int:
    return sum((one.end_s or 0) - (one.start_s or 0) for one in month_work([cast.patient.pk], NOVEMBER)) // 60


def test_work_counts_once_a_second_person_approved_it(asked: Cast, clock: Clock) -> None:
    entry = log(asked, clock)
    assert counted(asked) == 0
    refresh(NOVEMBER, NOON.date())
    assert Standing.objects.get(patient=asked.patient, month="2026-11").state != "ready"
    assert approve(acting_user=asked["practitioner"], entries=[entry.pk]) == 1
    assert approve(acting_user=asked["director"], entries=[entry.pk]) == 0
    assert counted(asked) == 21
    refresh(NOVEMBER, NOON.date())
    assert Standing.objects.get(patient=asked.patient, month="2026-11").bills == [["99490", 1]]
    assert AuditEvent.objects.filter(action="time.approved").count() == 1


def test_earlier_work_and_houses_that_do_not_ask_count_as_before(asked: Cast, clock: Clock) -> None:
    log(asked, clock, days_ago=9)
    assert counted(asked) == 21
    log(asked, clock)
    assert counted(asked) == 21
    Organisation.objects.filter(pk=asked.clinic.pk).update(needs_time_approval=False)
    asked.clinic.refresh_from_db()
    assert counted(asked) == 42


def test_nobody_approves_their_own_work_or_what_they_recorded(asked: Cast, clock: Clock) -> None:
    own = log(asked, clock, "practitioner")
    with pytest.raises(TimeRefused, match="your own work"):
        approve(acting_user=asked["practitioner"], entries=[own.pk])
    theirs = replace_entry(
        acting_user=asked["practitioner"], entry=log(asked, clock), reason="wrong note", note="Called."
    )
    with pytest.raises(TimeRefused, match="recorded it yourself"):
        approve(acting_user=asked["practitioner"], entries=[theirs.pk])
    with pytest.raises(TimeRefused, match="your own work"):
        give_back(acting_user=asked["practitioner"], entry=own.pk, reason="x")
    assert approve(acting_user=asked["director"], entries=[own.pk, theirs.pk]) == 2


def test_an_entry_given_back_stops_counting_and_its_correction_waits_anew(asked: Cast, clock: Clock) -> None:
    entry = log(asked, clock)
    approve(acting_user=asked["practitioner"], entries=[entry.pk])
    with pytest.raises(TimeRefused, match="no reason"):
        give_back(acting_user=asked["practitioner"], entry=entry.pk, reason=" ")
    for _ in range(2):
        give_back(acting_user=asked["practitioner"], entry=entry.pk, reason="Which pharmacy?")
    assert counted(asked) == 0
    assert TimeApproval.objects.filter(verdict="returned").count() == 1
    again = replace_entry(acting_user=asked["nurse"], entry=entry, reason="asked", note="Called Lake Pharmacy.")
    assert counted(asked) == 0
    with pytest.raises(TimeRefused, match="corrected meanwhile"):
        approve(acting_user=asked["practitioner"], entries=[entry.pk])
    approve(acting_user=asked["practitioner"], entries=[again.pk])
    assert counted(asked) == 21


def test_a_verdict_is_never_changed(asked: Cast, clock: Clock) -> None:
    approve(acting_user=asked["practitioner"], entries=[log(asked, clock).pk])
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        TimeApproval.objects.update(verdict="returned")


def test_the_page_lists_what_waits_and_the_nurse_sees_what_came_back(asked: Cast, clock: Clock, as_role: As) -> None:
    first, second = log(asked, clock), log(asked, clock, days_ago=1)
    doctor, nurse = as_role("practitioner"), as_role("nurse")
    assert "2 entries to approve" in doctor.get("/").content.decode()
    page = doctor.get("/time/approvals/").content.decode()
    assert page.count('name="entry"') == 2
    assert asked.patient.family_name not in page
    told = doctor.post("/time/approvals/approve/", {"entry": [first.pk, "x"]}, follow=True)
    assert "1 entry approved" in told.content.decode()
    doctor.post(f"/time/approvals/{second.pk}/return/", {"reason": "Which pharmacy?"})
    assert "1 of your entries given back" in nurse.get("/").content.decode()
    mine = nurse.get("/time/mine/").content.decode()
    assert "given back: Which pharmacy?" in mine
    assert "approved" in mine
    assert "given back: Which pharmacy?" in nurse.get(f"/patients/{asked.patient.pk}/").content.decode()
    assert "tick at least one" in doctor.post("/time/approvals/approve/", follow=True).content.decode()
    assert nurse.post("/time/approvals/approve/", {"entry": [second.pk]}).status_code == 403


def test_an_entry_that_was_taken_out_cannot_be_approved(asked: Cast, clock: Clock) -> None:
    entry = log(asked, clock)
    void_entry(acting_user=asked["nurse"], entry=entry, reason="wrong patient")
    with pytest.raises(TimeRefused, match="corrected meanwhile"):
        approve(acting_user=asked["practitioner"], entries=[entry.pk])


def test_turning_it_on_in_settings_has_everything_decided_anew(inside: Cast, as_role: As) -> None:
    before = Patient.objects.get(code="p1").revision
    told: dict[str, Any] = {
        "name": "Lakeside", "forgotten_after_minutes": 60, "late_after_days": 3, "idle_lock_minutes": 15,
        "needs_time_approval": "on", "approval_since": "2026-11-01", "note_templates": "",
    }  # fmt: skip
    as_role("administrator").post("/settings/house/", told)
    assert Patient.objects.get(code="p1").revision == before + 1


def test_the_houses_own_starting_texts_stand_beside_the_note(inside: Cast, as_role: As) -> None:
    nurse, path = as_role("nurse"), f"/time/patient/{inside.patient.pk}/"
    assert "left a message asking to call back" in nurse.get(path).content.decode()
    Organisation.objects.filter(pk=inside.clinic.pk).update(note_templates="Our own text.\n\n")
    page = nurse.get(path).content.decode()
    assert 'data-note="Our own text."' in page
    assert "left a message asking to call back" not in page


@pytest.mark.parametrize(("until", "is_told"), [(date(2026, 11, 17), True), (date(2026, 11, 18), False), (None, False)])
def test_who_logs_time_after_their_licence_ended_is_told(
    inside: Cast, as_role: As, until: date | None, is_told: bool
) -> None:
    Credential.objects.create(person=Person.objects.get(code="rn-1"), title="RN licence", valid_until=until)
    told = {
        "program": "ccm",
        "on": "2026-11-18",
        "start": "10:00",
        "end": "10:05",
        "activity": "call_patient",
        "note": "Called.",
    }
    page = as_role("nurse").post(f"/time/patient/{inside.patient.pk}/", told, follow=True).content.decode()
    assert ("Your RN licence is recorded as ended on Nov 17, 2026" in page) == is_told
