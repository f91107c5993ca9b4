"""The care plan: versions, two people at once, signature, copy, and what the engine makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.models import AuditEvent
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.patients.models import Patient
from careledger.web.plans.actions import (
    PlanChanged,
    PlanRefused,
    begin_plan,
    latest_version,
    remove_item,
    save_item,
)
from careledger.web.plans.content import PARTS, filled, item_of
from careledger.web.plans.differences import differences
from careledger.web.plans.elements import elements_of
from careledger.web.plans.models import CarePlan, Goal, PlanDelivery, PlanSignature, PlanVersion
from careledger.web.plans.signing import deliver_plan, review_plan, sign_plan
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

NOVEMBER = Month(2026, 11)
WORDS = (
    "cognitive_functional_assessment", "environmental_evaluation", "caregiver_assessment", "outside_coordination",
    "periodic_review", "revision",
)  # fmt: skip


def without_plan(cast: Cast) -> Patient:
    """The cast's patient before anyone wrote a plan."""
    CarePlan.objects.filter(patient=cast.patient).delete()
    Goal.objects.filter(patient=cast.patient).delete()
    return cast.patient


def write_whole(cast: Cast, patient: Patient) -> PlanVersion:
    """A plan that lacks nothing, written by the nurse."""
    nurse = cast["nurse"]
    begin_plan(acting_user=nurse, patient=patient, program="ccm", templates=["hypertension", "diabetes"])
    for element in WORDS:
        put(cast, patient, "texts", element, text=f"Talked over: {element}.")
    put(cast, patient, "medications", "m1", name="Lisinopril", dose="10 mg", how="every morning")
    return put(cast, patient, "allergies", "a1", substance="Penicillin", reaction="rash")


def put(cast: Cast, patient: Patient, part: str, item_id: str, base: int | None = None, **values: Any) -> PlanVersion:
    latest = latest_version(patient, "ccm")
    assert latest is not None
    return save_item(
        acting_user=cast["nurse"], patient=patient, program="ccm", part=part, item={"id": item_id, **values},
        base=latest.number if base is None else base,
    )  # fmt: skip


def sign(cast: Cast, version: PlanVersion, extent: str = "substantial", role: str = "practitioner") -> PlanSignature:
    return sign_plan(
        acting_user=cast[role], patient=version.patient, program="ccm", number=version.number, digest=version.digest,
        extent=extent,
    )  # fmt: skip


def give(cast: Cast, version: PlanVersion, on: date, once: str = "c1") -> PlanDelivery:
    return deliver_plan(
        acting_user=cast["nurse"], patient=version.patient, program="ccm", number=version.number, on=on, way="by_hand", given_to="patient", once=once,
    )  # fmt: skip


def standing(patient: Patient, clock: Clock, month: Month = NOVEMBER) -> Standing:
    refresh(month, clock.at.date())
    return Standing.objects.get(patient=patient, month=str(month))


def test_it_makes_a_blocked_month_ready_when_the_plan_is_signed_and_given(inside: Cast, clock: Clock) -> None:
    patient = without_plan(inside)
    log_time(
        acting_user=inside["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - 7200, end_s=clock.s - 5400,
        activity="call_patient", note="Wrote the plan together.",
    )  # fmt: skip
    assert standing(patient, clock).state == "blocked"
    version = write_whole(inside, patient)
    assert standing(patient, clock).state == "blocked"
    sign(inside, version)
    blocked = standing(patient, clock)
    assert blocked.state == "blocked"
    assert "copy" in str(blocked.blockers)
    give(inside, version, date(2026, 11, 18))
    ready = standing(patient, clock)
    assert (ready.state, ready.bills) == ("ready", [["99490", 1]])


def test_it_keeps_a_past_month_when_the_plan_is_revised_later(inside: Cast, clock: Clock) -> None:
    patient = without_plan(inside)
    log_time(
        acting_user=inside["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - 7200, end_s=clock.s - 5400,
        activity="call_patient", note="Wrote the plan together.",
    )  # fmt: skip
    version = write_whole(inside, patient)
    sign(inside, version)
    give(inside, version, date(2026, 11, 18))
    clock.forward(days=20)
    sign(inside, put(inside, patient, "texts", "revision", text="New in substance after the fall."))
    patient.refresh_from_db()
    assert standing(patient, clock).state == "ready"
    rows = list(CarePlan.objects.filter(patient=patient).order_by("pk").values_list("revision", "copy_given_on"))
    assert rows == [(None, date(2026, 11, 18)), ("substantial", None)]


def test_it_carries_the_copy_over_a_minor_revision_only(inside: Cast, clock: Clock) -> None:
    patient = without_plan(inside)
    version = write_whole(inside, patient)
    sign(inside, version)
    give(inside, version, date(2026, 11, 18))
    sign(inside, put(inside, patient, "texts", "revision", text="A dose."), extent="minor")
    row = CarePlan.objects.get(patient=patient, version__number__gt=version.number)
    assert (row.revision, row.established_on, row.copy_given_on) == ("minor", date(2026, 11, 18), date(2026, 11, 18))


def test_it_feeds_the_goals_the_engine_reads_and_cancels_those_that_left(inside: Cast) -> None:
    patient = without_plan(inside)
    write_whole(inside, patient)
    goals = {row.measure: row for row in Goal.objects.filter(patient=patient)}
    pressure = goals["systolic blood pressure"]
    assert (pressure.target, pressure.status, pressure.condition) == ("at most 130 mmHg", "in-progress", "I10")
    latest = latest_version(patient, "ccm")
    assert latest is not None
    for _ in range(2):
        remove_item(
            acting_user=inside["nurse"], patient=patient, program="ccm", part="goals", item_id=pressure.code,
            base=latest.number,
        )  # fmt: skip
    pressure.refresh_from_db()
    assert pressure.status == "cancelled"
    found = latest_version(patient, "ccm")
    assert found is not None
    assert found.number == latest.number + 1


def test_it_merges_templates_without_saying_anything_twice(inside: Cast) -> None:
    patient = without_plan(inside)
    nurse = inside["nurse"]
    begin_plan(acting_user=nurse, patient=patient, program="ccm", templates=["hypertension"])
    both = begin_plan(acting_user=nurse, patient=patient, program="ccm", templates=["heart_failure", "kidney_disease"])
    again = begin_plan(acting_user=nurse, patient=patient, program="ccm", templates=["hypertension", "heart_failure"])
    assert again.number == both.number
    for part in ("problems", "goals", "interventions"):
        ids = [one["id"] for one in both.content[part]]
        assert len(ids) == len(set(ids))
    measures = [one["measure"] for one in both.content["goals"]]
    assert measures.count("systolic blood pressure") == 1
    pressure = next(one for one in both.content["goals"] if one["measure"] == "systolic blood pressure")
    assert pressure["problems"] == ["t-hypertension", "t-heart_failure", "t-kidney_disease"]
    assert [one["icd10"] for one in both.content["problems"]] == ["E11.9", "I10", "", ""]
    third = begin_plan(acting_user=nurse, patient=patient, program="ccm", templates=["diabetes"])
    assert [one["name"] for one in third.content["problems"]].count("E11.9") == 0


def test_it_brings_goals_of_another_system_into_the_plan_once(inside: Cast) -> None:
    version = begin_plan(acting_user=inside["nurse"], patient=inside.patient, program="ccm", templates=["diabetes"])
    texts = [one["text"] for one in version.content["goals"]]
    assert texts.count("Blood pressure below 135") == 1
    assert Goal.objects.get(code="p1-g1").program == "ccm"


def test_it_joins_what_two_people_change_in_different_places(inside: Cast) -> None:
    patient = without_plan(inside)
    base = write_whole(inside, patient).number
    put(inside, patient, "medications", "m1", base, name="Lisinopril", dose="20 mg")
    joined = put(inside, patient, "allergies", "a1", base, substance="Penicillin", reaction="swelling")
    medicine, allergy = item_of(joined.content, "medications", "m1"), item_of(joined.content, "allergies", "a1")
    assert medicine is not None
    assert allergy is not None
    assert (medicine["dose"], allergy["reaction"]) == ("20 mg", "swelling")


def test_it_refuses_to_lose_what_someone_else_wrote_in_the_same_place(inside: Cast) -> None:
    patient = without_plan(inside)
    base = write_whole(inside, patient).number
    theirs = put(inside, patient, "medications", "m1", base, name="Lisinopril", dose="20 mg")
    with pytest.raises(PlanChanged) as met:
        put(inside, patient, "medications", "m1", base, name="Lisinopril", dose="5 mg")
    assert met.value.theirs == filled("medications", "m1", {"name": "Lisinopril", "dose": "20 mg"})
    assert latest_version(patient, "ccm") == theirs
    with pytest.raises(PlanChanged):
        remove_item(
            acting_user=inside["nurse"], patient=patient, program="ccm", part="medications", item_id="m1", base=base
        )


def test_it_signs_only_what_was_shown_only_whole_and_only_by_a_practitioner(inside: Cast) -> None:
    patient = without_plan(inside)
    begin_plan(acting_user=inside["nurse"], patient=patient, program="ccm", templates=["hypertension"])
    draft = latest_version(patient, "ccm")
    assert draft is not None
    with pytest.raises(PlanRefused, match="cognitive functional assessment"):
        sign(inside, draft)
    whole = write_whole(inside, patient)
    for role in ("nurse", "director", "administrator"):
        with pytest.raises(PlanRefused, match="only a practitioner"):
            sign(inside, whole, role=role)
    later = put(inside, patient, "medications", "m2", name="Metformin")
    with pytest.raises(PlanRefused, match="changed since you opened it"):
        sign(inside, whole)
    first = sign(inside, later)
    assert sign(inside, later) == first
    assert CarePlan.objects.filter(patient=patient).count() == 1
    row = CarePlan.objects.get(patient=patient)
    assert (row.signed_by, row.established_on, row.copy_given_on) == ("dr-1", date(2026, 11, 18), None)
    assert set(WORDS) < set(row.elements)


def test_it_records_a_copy_once_and_only_of_a_signed_version(inside: Cast) -> None:
    patient = without_plan(inside)
    version = write_whole(inside, patient)
    with pytest.raises(PlanRefused, match="not signed"):
        give(inside, version, date(2026, 11, 18))
    sign(inside, version)
    for day in (date(2026, 11, 17), date(2026, 11, 19)):
        with pytest.raises(PlanRefused, match="between the signature and today"):
            give(inside, version, day)
    assert give(inside, version, date(2026, 11, 18)) == give(inside, version, date(2026, 11, 18))
    row = CarePlan.objects.get(patient=patient)
    assert (row.copy_given_on, row.delivered_by) == (date(2026, 11, 18), "paper by_hand")


def test_it_leaves_an_element_out_with_a_reason_only_where_policy_lets_it(inside: Cast) -> None:
    patient = without_plan(inside)
    write_whole(inside, patient)
    put(inside, patient, "texts", "caregiver_assessment", why_not="Lives alone and needs no help.")
    version = put(inside, patient, "texts", "periodic_review", why_not="No time.")
    found = {one.id: one for one in elements_of(version.content, "ccm", date(2026, 11, 18))}
    assert found["caregiver_assessment"].state == "left_out"
    assert not found["caregiver_assessment"].is_in_the_way
    assert found["periodic_review"].is_in_the_way


def test_it_reviews_what_is_established_and_says_when_next(inside: Cast) -> None:
    with pytest.raises(PlanRefused, match="must lie ahead"):
        review_plan(acting_user=inside["nurse"], patient=inside.patient, program="ccm", next_on=date(2026, 11, 18))
    review_plan(acting_user=inside["nurse"], patient=inside.patient, program="ccm", next_on=date(2027, 2, 1))
    assert CarePlan.objects.get(patient=inside.patient).reviewed_on == date(2026, 11, 18)
    with pytest.raises(PlanRefused, match="no plan is established"):
        review_plan(acting_user=inside["nurse"], patient=inside.patient, program="pcm", next_on=None)


def test_it_tells_what_differs_between_versions(inside: Cast) -> None:
    patient = without_plan(inside)
    before = write_whole(inside, patient)
    put(inside, patient, "medications", "m1", name="Lisinopril", dose="20 mg", how="every morning")
    after = put(inside, patient, "allergies", "a2", substance="Latex")
    changes = [(one.kind, one.title) for one in differences(before.content, after.content)]
    assert changes == [("changed", "Lisinopril"), ("added", "Latex")]
    (field,) = differences(before.content, after.content)[0].fields
    assert field.runs == (("del", "10"), ("ins", "20"), ("same", " mg"))


@pytest.mark.parametrize("table", ["plans_planversion", "plans_plansignature", "plans_plandelivery"])
def test_it_keeps_versions_signatures_and_copies_from_being_changed(inside: Cast, table: str) -> None:
    version = write_whole(inside, without_plan(inside))
    sign(inside, version)
    give(inside, version, date(2026, 11, 18))
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_it_logs_every_write(inside: Cast) -> None:
    patient = without_plan(inside)
    version = write_whole(inside, patient)
    sign(inside, version)
    give(inside, version, date(2026, 11, 18))
    events = list(
        AuditEvent.objects.filter(patient_ref=patient.pk).order_by("sequence").values_list("action", flat=True)
    )
    assert events.count("plan.changed") == version.number
    assert events[-2:] == ["plan.signed", "plan.delivered"]


def test_it_keeps_what_was_typed_and_says_what_to_change(cast: Cast, as_role: Callable[[str], Client]) -> None:
    nurse, base = as_role("nurse"), f"/plans/{cast.patient.pk}/ccm"
    assert nurse.post(f"{base}/templates/", {"template": ["hypertension"]}).status_code == 302
    typed = {"text": "Walk to the lake", "measure": "minutes", "direction": "at_least", "value": "many", "due_on": ""}
    answer = nurse.post(f"{base}/goals/new/", {**typed, "base": "1", "once": "a" * 32})
    page = answer.content.decode()
    assert answer.status_code == 422
    for said in ("Walk to the lake", "Write a number, such as 130.", "This field is required."):
        assert said in page
    for _ in range(2):
        good = {**typed, "value": "30", "unit": "minutes", "due_on": "2027-01-31", "base": "1", "once": "a" * 32}
        assert nurse.post(f"{base}/goals/new/", good).status_code == 302
    page = nurse.get(f"{base}/").content.decode()
    assert page.count("Walk to the lake</a>") == 1
    assert "at least 30 minutes" in page


def test_it_shows_two_people_what_the_other_wrote(cast: Cast, as_role: Callable[[str], Client]) -> None:
    base = f"/plans/{cast.patient.pk}/ccm"
    nurse, doctor = as_role("nurse"), as_role("practitioner")
    nurse.post(f"{base}/templates/", {"template": ["hypertension"]})
    nurse.post(f"{base}/medications/new/", {"name": "Lisinopril", "dose": "10 mg", "base": "1", "once": "b" * 32})
    path = f"{base}/medications/{'b' * 32}/"
    assert doctor.post(path, {"name": "Lisinopril", "dose": "40 mg", "base": "2"}).status_code == 302
    answer = nurse.post(path, {"name": "Lisinopril", "dose": "20 mg", "base": "2"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Given Practitioner, MD changed this" in page
    assert 'value="20 mg"' in page
    assert '<del class="del">40</del>' in page
    assert nurse.post(path, {"name": "Lisinopril", "dose": "20 mg", "base": "3"}).status_code == 302
    with_acts = nurse.get(f"{base}/versions/4/").content.decode()
    assert '<ins class="ins">20</ins>' in with_acts


def test_it_shows_a_plan_that_nobody_signed_before(cast: Cast, as_role: Callable[[str], Client]) -> None:
    from careledger.web.tenancy.scope import acting_in

    with acting_in(cast.clinic):
        patient = without_plan(cast)
    base = f"/plans/{patient.pk}/ccm/"
    assert "Begin the plan" in as_role("nurse").get(base).content.decode()
    as_role("nurse").post(f"{base}templates/", {"template": ["hypertension"]})
    for role in ("nurse", "practitioner", "biller"):
        assert "What the plan must have" in as_role(role).get(base).content.decode()
    assert "Not ready to sign" in as_role("practitioner").get(f"{base}sign/").content.decode()


def test_it_takes_no_id_from_an_address(cast: Cast, as_role: Callable[[str], Client]) -> None:
    nurse, base = as_role("nurse"), f"/plans/{cast.patient.pk}/ccm"
    nurse.post(f"{base}/templates/", {"template": ["hypertension"]})
    for path in (
        f"{base}/goals/p2-g1/",
        f"{base}/texts/anything/",
        f"{base}/texts/new/",
        f"{base}/nothing/new/",
        f"/plans/{cast.patient.pk}/tcm/",
    ):
        assert nurse.get(path).status_code == 404, path
        assert nurse.post(path, {"text": "Mine", "base": "1"}).status_code in (404, 405), path


def test_it_puts_back_what_a_colleague_removed_only_when_asked(cast: Cast, as_role: Callable[[str], Client]) -> None:
    nurse, doctor, base = as_role("nurse"), as_role("practitioner"), f"/plans/{cast.patient.pk}/ccm"
    nurse.post(f"{base}/templates/", {"template": ["hypertension"]})
    path = f"{base}/interventions/t-less_salt/"
    assert doctor.post(path, {"remove": "yes", "base": "1"}).status_code == 302
    typed = {"text": "No salt at the table", "owner": "patient", "base": "1"}
    answer = nurse.post(path, typed)
    assert answer.status_code == 422
    assert "It was removed; saving puts yours back." in answer.content.decode()
    assert nurse.post(path, {**typed, "base": "2"}).status_code == 302
    assert "No salt at the table" in nurse.get(f"{base}/").content.decode()


REMOVABLE = {
    "problems": {"name": "Gout", "outcome": "Fewer attacks"},
    "goals": {"text": "Walk", "measure": "minutes", "target": "at least 20", "due_on": "2027-01-01"},
    "interventions": {"text": "Call weekly", "owner": "nurse"},
    "medications": {"name": "Metformin 500 mg", "dose": "1 tablet", "how": "with dinner", "why": "sugar"},
    "allergies": {"substance": "Penicillin", "reaction": "rash"},
    "texts": {"text": "Walks with a stick"},
}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_what_was_removed_is_not_there_to_edit_and_its_last_version_is_named(
    cast: Cast, as_role: Callable[[str], Client], part: str
) -> None:
    with acting_in(cast.clinic):
        who: dict[str, Any] = {"acting_user": cast["nurse"], "patient": cast.patient, "program": "ccm", "part": part}
        # An element that policy does not ask for is like any other item: once removed it is gone.
        save_item(**who, item={"id": "a-1", **REMOVABLE[part]}, base=0)
        remove_item(**who, item_id="a-1", base=1)
    path = f"/plans/{cast.patient.pk}/ccm/{part}/a-1/"
    answer = as_role("nurse").get(path)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"This {PARTS[part].one} was removed" in page
    assert f"/plans/{cast.patient.pk}/ccm/versions/1/" in page
    assert "<textarea" not in page
    assert b"was removed" not in as_role("stranger").get(path).content


def test_it_lets_the_practitioner_sign_on_the_page_and_prints_the_plan(
    cast: Cast, as_role: Callable[[str], Client]
) -> None:
    from careledger.web.tenancy.scope import acting_in

    with acting_in(cast.clinic):
        patient = without_plan(cast)
        version = write_whole(cast, patient)
    base = f"/plans/{patient.pk}/ccm"
    doctor, nurse = as_role("practitioner"), as_role("nurse")
    page = doctor.get(f"{base}/sign/").content.decode()
    assert f'value="{version.digest}"' in page
    shown = {"number": version.number, "digest": version.digest}
    assert doctor.post(f"{base}/sign/", shown).status_code == 422
    with acting_in(cast.clinic):
        later = put(cast, patient, "medications", "m9", name="Aspirin")
    refused = doctor.post(f"{base}/sign/", {**shown, "looked": "on"})
    assert refused.status_code == 422
    assert f'value="{later.digest}"' in refused.content.decode()
    assert (
        doctor.post(f"{base}/sign/", {"number": later.number, "digest": later.digest, "looked": "on"}).status_code
        == 302
    )
    assert nurse.get(f"{base}/sign/").status_code == 403
    for query in ("", "?lang=es&size=large", f"?version={version.number}"):
        answer = nurse.get(f"{base}/plan.pdf{query}")
        assert answer.content.startswith(b"%PDF-")
    copy = {
        "once": "d" * 32,
        "number": later.number,
        "on": "2026-11-18",
        "way": "mail",
        "language": "en",
    }
    assert "Name the caregiver" in nurse.post(f"{base}/deliver/", {**copy, "given_to": "caregiver"}).content.decode()
    for _ in range(2):
        assert nurse.post(f"{base}/deliver/", {**copy, "given_to": "patient"}).status_code == 302
    with acting_in(cast.clinic):
        assert PlanDelivery.objects.count() == 1
