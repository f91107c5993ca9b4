"""The audit log: every read and write, chained, append-only, searchable by those who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.web.cast import Cast
from tests.web.tamper import behind_the_triggers

from careledger.web.audit.actions import record
from careledger.web.audit.chain import faults
from careledger.web.audit.models import AuditEvent
from careledger.web.patients.actions import assign, set_status


def some_events(cast: Cast) -> None:
    set_status(acting_user=cast["nurse"], patient=cast.patient, program="ccm", status="declined", on=date(2026, 11, 3))
    assign(acting_user=cast["nurse"], patient=cast.patient, care_manager=cast["nurse"].person)
    record(acting_user=None, action="tables.loaded", after={"patients": 1})


def test_it_chains_events_and_finds_nothing_wrong(inside: Cast) -> None:
    some_events(inside)
    assert [event.sequence for event in AuditEvent.objects.order_by("sequence")] == [1, 2, 3]
    assert faults(inside.clinic.pk) == []


def test_it_says_who_what_and_what_stood_before(inside: Cast) -> None:
    some_events(inside)
    event = AuditEvent.objects.get(action="patient.assigned")
    assert event.who == "Given Nurse"
    assert (event.before, event.after) == ({"care_manager_id": None}, {"care_manager_id": inside["nurse"].person_id})
    assert event.patient_ref == inside.patient.pk


def test_it_raises_the_patients_revision_on_writes_alone(inside: Cast) -> None:
    before = inside.patient.revision
    record(acting_user=inside["nurse"], action="chart.read", patient=inside.patient)
    inside.patient.refresh_from_db()
    assert inside.patient.revision == before
    assign(acting_user=inside["nurse"], patient=inside.patient, care_manager=None)
    inside.patient.refresh_from_db()
    assert inside.patient.revision == before + 1


@pytest.mark.parametrize("sql", ["UPDATE audit_auditevent SET who = 'nobody'", "DELETE FROM audit_auditevent"])
def test_it_refuses_update_and_delete_in_the_database_itself(inside: Cast, sql: str) -> None:
    some_events(inside)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE audit_auditevent SET who = 'nobody' WHERE sequence = 2", "event 2: altered"),
        ("DELETE FROM audit_auditevent WHERE sequence = 2", "missing: events 2 to 2"),
        ("DELETE FROM audit_auditevent WHERE sequence = 3", "cut off: the log ends at event 2, 3 were written"),
    ],
)
def test_it_finds_what_was_done_behind_the_triggers(inside: Cast, sql: str, says: str) -> None:
    some_events(inside)
    behind_the_triggers("audit_auditevent", sql)
    assert any(one.startswith(says) for one in faults(inside.clinic.pk))


def test_it_notes_every_look_at_a_chart(cast: Cast, as_role: Callable[[str], Client]) -> None:
    as_role("biller").get(f"/patients/{cast.patient.pk}/")
    as_role("stranger").get(f"/patients/{cast.patient.pk}/")
    reads = AuditEvent.everywhere.filter(action="chart.read")
    assert [(event.who, event.patient_ref) for event in reads] == [("Given Biller", cast.patient.pk)]


def test_it_lets_the_privacy_officer_search(cast: Cast, as_role: Callable[[str], Client]) -> None:
    as_role("nurse").get(f"/patients/{cast.patient.pk}/")
    page = as_role("compliance").get("/audit/?q=chart").content.decode()
    assert "chart.read" in page
    assert "session.began" not in page
