"""Pages and API are judged by one action: what one refuses, the other refuses in the same words."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.test_api import call
from tests.web.test_enrolment import newcomer

from careledger.web.patients.models import Consent, Enrolment, Patient, ProgramStatus
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.timers.models import TimeEntry

__all__ = ["call"]
As = Callable[[str], Client]
Call = Callable[..., Any]
COVERS = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")
CONSENT = {"given_on": "2026-11-18", "form": "verbal", "given_by": "patient", "practitioner": "dr-1"}
WORK = {"activity": "call_patient", "note": "Reviewed the plan."}


@pytest.fixture
def patient(cast: Cast) -> Patient:
    """Someone in no program."""
    with acting_in(cast.clinic):
        return newcomer(cast)


def refused(answer: Any) -> list[str]:
    """What the API says, beside each field."""
    assert answer.status_code == 422, answer.content
    return [one["detail"] for one in answer.json()["errors"]]


def shows(answer: Any, sentence: str) -> None:
    """The page says the sentence; one of time ends with a stop there."""
    assert answer.status_code == 422
    shown = html.unescape(answer.content.decode())
    assert f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}." in shown, sentence


def consent_by_page(client: Client, patient: Patient, covers: tuple[str, ...], cells: Mapping[str, str]) -> Any:
    ticks = {f"said_{one}": "on" for one in covers}
    return client.post(f"/enrolment/ccm/{patient.pk}/consent/", {**ticks, **CONSENT, "once": "a", **cells})


def consent_by_api(call: Call, patient: Patient, covers: tuple[str, ...], cells: Mapping[str, str]) -> Any:
    body = {**CONSENT, "program": "ccm", "covers": covers, **cells}
    return call("nurse", "post", f"/api/patients/{patient.pk}/consents", body)


@pytest.mark.parametrize(
    ("covers", "cells", "fields"),
    [
        (COVERS[1:], {}, ["covers"]),
        ((), {}, ["covers"] * 4),
        (COVERS, {"given_on": "2026-11-19"}, ["given_on"]),
        (COVERS, {"given_on": "1949-01-01"}, ["given_on"]),
        (COVERS, {"given_by": "representative"}, ["representative"]),
    ],
)
def test_a_consent_that_lacks_something_is_refused_in_the_same_words(
    cast: Cast, patient: Patient, as_role: As, call: Call, covers: tuple[str, ...], cells: dict[str, str], fields: list[str]
) -> None:  # fmt: skip
    answer = consent_by_api(call, patient, covers, cells)
    said = refused(answer)
    assert [one["field"] for one in answer.json()["errors"]] == fields
    page = consent_by_page(as_role("nurse"), patient, covers, cells)
    for sentence in said:
        shows(page, sentence)
    with acting_in(cast.clinic):
        assert not Consent.objects.filter(patient=patient).exists()


def test_a_missing_statement_is_named_with_its_source_and_what_to_do(patient: Patient, call: Call) -> None:
    (said,) = refused(consent_by_api(call, patient, ("availability", "cost_sharing", "one_practitioner"), {}))
    for part in ("right to stop", "chronic care management asks for it", "final rule for 2017", "then confirm it"):
        assert part in said


def test_a_second_consent_and_a_biller_who_may_not_are_refused_by_both(cast: Cast, as_role: As, call: Call) -> None:
    for cells in ({}, {"practitioner": "rn-1"}):
        (said,) = refused(consent_by_api(call, cast.patient, COVERS, cells))
        if not cells:
            shows(consent_by_page(as_role("nurse"), cast.patient, COVERS, cells), said)
        assert ("cannot bill" in said) == bool(cells)
    assert refused(consent_by_api(call, cast.patient, COVERS, {"practitioner": "dr-0"}))


def test_both_doors_write_the_same_consent(cast: Cast, patient: Patient, as_role: As, call: Call) -> None:
    with acting_in(cast.clinic):
        other = newcomer(cast, "n2")
    assert consent_by_api(call, patient, COVERS, {}).status_code == 201
    assert consent_by_page(as_role("nurse"), other, COVERS, {}).status_code == 302
    with acting_in(cast.clinic):
        names = [f.name for f in Consent._meta.fields if f.name not in ("id", "patient", "recorded_at", "organisation")]
        by_api, by_page = (Consent.objects.filter(patient=one).values(*names).get() for one in (patient, other))
        assert by_api == by_page
        assert by_api["share_cents"] == 1323


def test_no_patient_is_put_into_a_directors_program(cast: Cast, patient: Patient, as_role: As, call: Call) -> None:
    assert as_role("nurse").get(f"/enrolment/director/{patient.pk}/").status_code == 404
    path, on = f"/api/patients/{patient.pk}", "2026-11-18"
    refused(call("nurse", "post", f"{path}/statuses", {"program": "director", "status": "invited", "on": on}))
    refused(call("nurse", "post", f"{path}/enrolments", {"program": "director", "started_on": on}))
    with acting_in(cast.clinic):
        assert not ProgramStatus.objects.filter(patient=patient).exists()
        assert not Enrolment.objects.filter(patient=patient).exists()


@pytest.mark.parametrize(
    ("status", "on"), [("declined", "2026-11-17"), ("invited", "2026-11-18"), ("declined", "2026-11-19")]
)
def test_a_step_that_cannot_follow_is_refused_in_the_same_words(
    cast: Cast, patient: Patient, as_role: As, call: Call, status: str, on: str
) -> None:
    nurse = as_role("nurse")
    target = patient if on != "2026-11-17" else cast.patient
    if target == patient:
        nurse.post(f"/enrolment/ccm/{patient.pk}/step/", {"status": "invited", "on": "2026-11-18", "once": "x"})
    step = {"status": status, "on": on}
    (said,) = refused(call("nurse", "post", f"/api/patients/{target.pk}/statuses", {**step, "program": "ccm"}))
    shows(nurse.post(f"/enrolment/ccm/{target.pk}/step/", {**step, "once": "y"}), said)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"start": "10:00", "end": "10:00"}, "end"),
        ({"start": "11:30", "end": "13:00"}, "end"),
        ({"note": ""}, "note"),
        ({"note": " "}, "note"),
        ({"note": "a" * 4001}, "note"),
        ({"activity": ""}, "activity"),
        ({"activity": "yodelling"}, "activity"),
        ({"contact": "the moon"}, "contact"),
    ],
)
def test_time_that_lacks_something_is_refused_at_both_doors_beside_the_same_field(
    cast: Cast, as_role: As, call: Call, clock: Clock, cells: dict[str, str], field: str
) -> None:
    typed = {"start": "10:00", "end": "10:20", **WORK, **cells}
    at = {name: f"2026-11-18T{typed[name]}:00-05:00" for name in ("start", "end")}
    answer = call("nurse", "post", f"/api/patients/{cast.patient.pk}/time", {**typed, **at, "program": "ccm"})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    page = as_role("nurse").post(f"/time/patient/{cast.patient.pk}/", {**typed, "on": "2026-11-18", "program": "ccm"})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    with acting_in(cast.clinic):
        assert not TimeEntry.objects.exists()


def test_a_correction_blanks_nothing_and_its_reason_is_bounded(cast: Cast, clock: Clock, call: Call) -> None:
    with acting_in(cast.clinic):
        row = log_time(
            acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=clock.s - 900, end_s=clock.s - 600, **WORK
        )  # fmt: skip
    at = {"start": "2026-11-18T11:40:00-05:00", "end": "2026-11-18T11:50:00-05:00"}
    for body, field in (({}, "activity"), ({**WORK, "note": ""}, "note"), ({**WORK, "reason": "x" * 301}, "reason")):
        answer = call("nurse", "post", f"/api/time/{row.pk}/correction", {**at, "reason": "wrong times", **body})
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    with acting_in(cast.clinic):
        assert TimeEntry.objects.count() == 1
