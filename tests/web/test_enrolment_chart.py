"""Charts written by hand: a new patient, corrections with before and after, two writers, practitioner of record, to a ready month."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.models import AuditEvent
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.billing.queries import answer_for, records_of
from careledger.web.patients.changes import ChartChanged, changes_since, first_time
from careledger.web.patients.charting import name_practitioner, remove_row, write_row
from careledger.web.patients.models import AgencyEpisode, Condition, Coverage, Discharge, Panel, Patient, Stay, Visit
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.refusals import ChartRefused
from careledger.web.plans.models import CarePlan
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

As = Callable[[str], Client]
MBI = "1EG4TE5MK73"
NEW = {
    "family_name": "Birchfield", "given_name": "Bea", "born_on": "1948-02-03", "sex": "female", "residence": "home",
    "payer": "medicare_ffs", "member_id": "1EG4-TE5-MK73", "part_b": "True", "qmb": "False", "practitioner": "dr-1",
    "established": "True", "once": "n-1",
}  # fmt: skip


def chart(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}"


class TestNewPatient:
    def test_it_adds_a_patient_with_payer_and_practitioner_once(self, cast: Cast, as_role: As) -> None:
        nurse = as_role("nurse")
        assert [nurse.post("/patients/new/", NEW).status_code for _ in range(2)] == [302, 302]
        with acting_in(cast.clinic):
            patient = Patient.objects.get(family_name="Birchfield")
            (cover,) = Coverage.objects.filter(patient=patient)
            assert (cover.member_id, cover.part_b, cover.qmb) == (MBI, True, False)
            assert of_record(patient, date(2026, 11, 18)) == cast["practitioner"].person
            assert Panel.objects.get(patient=patient).established is True
            event = AuditEvent.objects.get(action="patient.added")
            assert (event.patient_ref, event.after["code"], event.role) == (patient.pk, patient.code, "nurse")

    @pytest.mark.parametrize(
        ("cells", "says"),
        [
            ({"member_id": "1EG4TE5MK7"}, "An MBI has 11 characters"),
            ({"member_id": "SSSSSSSSSSS"}, "does not have the pattern"),
            ({"born_on": "1948-02-31"}, "Enter a valid date"),
            ({"state": "N1"}, "two letters"),
            ({"payer": "nobody"}, "Select a valid choice"),
            ({"code": "P1"}, "another patient has this id"),
        ],
    )
    def test_it_says_beside_the_field_what_is_wrong(
        self, cast: Cast, as_role: As, cells: dict[str, str], says: str
    ) -> None:
        answer = as_role("nurse").post("/patients/new/", {**NEW, **cells})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert says.lower() in page.lower()
        assert 'value="Birchfield"' in page
        with acting_in(cast.clinic):
            assert not Patient.objects.filter(family_name="Birchfield").exists()

    def test_it_asks_whether_a_namesake_is_the_same(self, cast: Cast, as_role: As) -> None:
        nurse = as_role("nurse")
        nurse.post("/patients/new/", NEW)
        again = nurse.post("/patients/new/", {**NEW, "once": "n-2"})
        assert again.status_code == 422
        assert "open that chart" in again.content.decode()
        assert nurse.post("/patients/new/", {**NEW, "once": "n-2", "is_another": "on"}).status_code == 302
        with acting_in(cast.clinic):
            assert Patient.objects.filter(family_name="Birchfield").count() == 2

    def test_only_those_who_write_charts_add_patients(self, cast: Cast, as_role: As) -> None:
        for role in ("biller", "administrator", "auditor", "director", "compliance"):
            assert as_role(role).post("/patients/new/", NEW).status_code == 403


ROWS: list[tuple[str, type, dict[str, Any], dict[str, Any]]] = [
    (
        "conditions", Condition,
        {"icd10": "e1122", "chronic": "True", "expected_months": "12", "significant_risk": "True", "word_of": "dr-1"},
        {"icd10": "E11.22", "chronic": True, "chronic_basis": ("ccw", "ahrq", "clinician"), "word_of": "dr-1"},
    ),
    (
        "visits", Visit,
        {"practitioner": "dr-1", "on": "2026-10-02", "code": "g0439", "face_to_face": "True", "discussed": ["ccm", "pcm"]},
        {"code": "G0439", "discussed": ("ccm", "pcm"), "telehealth": None},
    ),
    ("coverage", Coverage, {"payer": "medicaid", "rank": "2", "part_b": ""}, {"payer": "medicaid", "rank": 2, "part_b": None}),
    ("stays", Stay, {"kind": "inpatient", "since": "2026-11-02", "until": "2026-11-05"}, {"until": date(2026, 11, 5)}),
    (
        "episodes", AgencyEpisode,
        {"kind": "home_health", "since": "2026-11-02", "agency_npi": "1234567893", "plan_signed_by": "dr-1"},
        {"agency_npi": "1234567893", "plan_signed_by": "dr-1"},
    ),
    (
        "discharges", Discharge,
        {"from_kind": "inpatient", "on": "2026-11-05", "to": "home", "contact_on": "2026-11-06", "contact_by": "rn-1"},
        {"from_kind": "inpatient", "contact_by": "rn-1", "visit_on": None},
    ),
]  # fmt: skip


class TestRows:
    @pytest.mark.parametrize(("table", "model", "typed", "kept"), ROWS, ids=[row[0] for row in ROWS])
    def test_it_adds_and_corrects_each_kind(
        self, cast: Cast, as_role: As, table: str, model: Any, typed: dict[str, Any], kept: dict[str, Any]
    ) -> None:
        nurse = as_role("nurse")
        for _ in range(2):
            answer = nurse.post(f"{chart(cast)}/record/{table}/new/", {**typed, "once": "a"})
            assert answer.status_code == 302, answer.content.decode()
        with acting_in(cast.clinic):
            row = model.objects.filter(patient=cast.patient).latest("pk")
            assert model.objects.filter(pk__gt=row.pk - 1, patient=cast.patient).count() == 1
            assert {name: getattr(row, name) for name in kept} == kept
        page = nurse.get(f"{chart(cast)}/record/{table}/{row.pk}/").content.decode()
        assert all(str(value) in page for value in kept.values() if isinstance(value, str))
        assert nurse.post(f"{chart(cast)}/record/{table}/{row.pk}/", {**typed, "once": "b"}).status_code == 302
        with acting_in(cast.clinic):
            assert not AuditEvent.objects.filter(action=f"{model._meta.model_name}.changed").exists()

    def test_the_log_keeps_what_stood_before(self, cast: Cast, as_role: As) -> None:
        with acting_in(cast.clinic):
            row = Condition.objects.get(patient=cast.patient, icd10="I10")
            before = Patient.objects.get(pk=cast.patient.pk).revision
        typed = {
            "icd10": "I11.9",
            "chronic": "True",
            "expected_months": "12",
            "significant_risk": "True",
            "word_of": "dr-1",
        }
        as_role("nurse").post(f"{chart(cast)}/record/conditions/{row.pk}/", typed)
        with acting_in(cast.clinic):
            event = AuditEvent.objects.get(action="condition.changed")
            assert (event.before["icd10"], event.after["icd10"]) == ("I10", "I11.9")
            assert "expected_months" not in event.before
            assert Patient.objects.get(pk=cast.patient.pk).revision == before + 1

    @pytest.mark.parametrize(
        ("table", "typed", "says"),
        [
            ("conditions", {"icd10": "pressure"}, "three to seven characters"),
            ("conditions", {"icd10": "I10"}, "stands in the chart already"),
            ("conditions", {"icd10": "J44.9", "chronic": "True"}, "Name the practitioner who judged it"),
            ("visits", {"practitioner": "dr-1", "on": "2026-11-19"}, "lies in the future"),
            ("visits", {"practitioner": "dr-1", "on": "1940-01-01"}, "before the patient was born"),
            ("visits", {"practitioner": "rn-1", "on": "2026-11-01"}, "Select a valid choice"),
            ("coverage", {"payer": "medicaid", "rank": "1"}, "end that one first"),
            ("coverage", {"payer": "medicare_ffs", "rank": "2", "member_id": "123"}, "11 characters"),
            ("stays", {"kind": "inpatient", "since": "2026-11-05", "until": "2026-11-02"}, "ends before it begins"),
            ("episodes", {"kind": "hospice", "since": "2026-11-02", "agency_npi": "1234567890"}, "check digit"),
            ("claims", {"code": "9949", "on": "2026-11-02", "units": "1"}, "five characters"),
        ],
    )
    def test_it_refuses_with_the_reason_beside_the_field(
        self, cast: Cast, as_role: As, table: str, typed: dict[str, str], says: str
    ) -> None:
        answer = as_role("nurse").post(f"{chart(cast)}/record/{table}/new/", typed)
        assert answer.status_code == 422
        assert says in answer.content.decode()

    def test_the_lists_answer_where_nobody_judged(self, cast: Cast, as_role: As) -> None:
        for code, chronic in (("J44.9", True), ("Z00.00", None)):
            as_role("nurse").post(f"{chart(cast)}/record/conditions/new/", {"icd10": code})
            with acting_in(cast.clinic):
                row = Condition.objects.get(patient=cast.patient, icd10=code)
                assert row.chronic is chronic
                assert "clinician" not in row.chronic_basis

    def test_it_takes_out_what_was_an_error_and_says_why(self, cast: Cast, as_role: As) -> None:
        with acting_in(cast.clinic):
            row = Condition.objects.get(patient=cast.patient, icd10="I10")
        path, nurse = f"{chart(cast)}/record/conditions/{row.pk}/remove/", as_role("nurse")
        assert nurse.post(path, {"reason": ""}).status_code == 422
        assert [nurse.post(path, {"reason": "Another patient's."}).status_code for _ in range(2)] == [302, 302]
        with acting_in(cast.clinic):
            event = AuditEvent.objects.get(action="condition.removed")
            assert (event.before["icd10"], event.after["reason"]) == ("I10", "Another patient's.")

    def test_a_table_or_row_that_is_not_there_is_not_found(self, cast: Cast, as_role: As) -> None:
        nurse = as_role("nurse")
        for rest in ("people/new/", "panel/new/", "conditions/99999/", "consents/1/"):
            assert nurse.get(f"{chart(cast)}/record/{rest}").status_code == 404


class TestTwoWriters:
    def test_the_second_sees_what_the_first_wrote_and_loses_nothing(self, cast: Cast, as_role: As) -> None:
        with acting_in(cast.clinic):
            row = Condition.objects.get(patient=cast.patient, icd10="I10")
            seen = Patient.objects.get(pk=cast.patient.pk).revision
        path = f"{chart(cast)}/record/conditions/{row.pk}/"
        typed = {"icd10": "I10", "chronic": "True", "expected_months": "12", "word_of": "dr-1", "seen": str(seen)}
        assert as_role("nurse").post(path, {**typed, "significant_risk": "True", "complex": "True"}).status_code == 302
        doctor = as_role("practitioner")
        typed |= {"complex": ""}
        refused = doctor.post(path, {**typed, "significant_risk": "False"})
        page = refused.content.decode()
        assert refused.status_code == 422
        assert "Given Nurse" in page
        assert "complex: yes" in page
        assert f'name="seen" value="{seen + 1}"' in page
        assert re.search(
            r'<option value="True" selected>Yes</option>', page.partition('name="complex"')[2].partition("</select>")[0]
        )
        assert doctor.post(path, {**typed, "seen": str(seen + 1), "significant_risk": "False"}).status_code == 302

    def test_work_on_another_part_of_the_chart_disturbs_nobody(self, inside: Cast) -> None:
        patient = Patient.objects.get(pk=inside.patient.pk)
        write_row(acting_user=inside["nurse"], patient=patient, row=Stay(patient=patient), cells={
            "kind": "inpatient", "since": date(2026, 11, 1), "until": None,
        }, seen=patient.revision)  # fmt: skip
        assert [event.action for event in changes_since(Patient.objects.get(pk=patient.pk), patient.revision)] == [
            "stay.added"
        ]
        row = Visit(patient=patient, practitioner=inside["practitioner"].person)
        write_row(
            acting_user=inside["nurse"],
            patient=patient,
            row=row,
            cells={"on": date(2026, 11, 2)},
            seen=patient.revision,
        )
        with pytest.raises(ChartChanged):
            remove_row(acting_user=inside["nurse"], patient=patient, row=row, reason="Error.", seen=patient.revision)

    def test_a_refused_form_may_be_sent_again_and_a_done_one_does_nothing(self, inside: Cast) -> None:
        assert [first_time("x"), first_time("x"), first_time("")] == [True, False, True]

    def test_who_the_patient_is_can_be_corrected(self, cast: Cast, as_role: As) -> None:
        typed = {
            "family_name": "Amberlake",
            "given_name": "Ada",
            "born_on": "1948-05-06",
            "residence": "assisted_living",
        }
        nurse = as_role("nurse")
        impossible = nurse.post(f"{chart(cast)}/change/", {**typed, "died_on": "1947-01-01"})
        assert impossible.status_code == 422
        assert "before the birth" in impossible.content.decode()
        assert nurse.post(f"{chart(cast)}/change/", typed).status_code == 302
        with acting_in(cast.clinic):
            event = AuditEvent.objects.get(action="patient.changed")
            assert (event.before["residence"], event.after["residence"]) == ("home", "assisted_living")
            assert Patient.objects.get(pk=cast.patient.pk).code == "p1"


class TestWhoAnswers:
    def test_a_change_keeps_the_past_and_asks_for_a_new_consent(self, inside: Cast) -> None:
        patient, second = inside.patient, inside["director"].person
        assert second is not None
        name_practitioner(acting_user=inside["nurse"], patient=patient, practitioner=second, since=date(2026, 11, 10))
        days = (date(2020, 1, 1), date(2026, 11, 9), date(2026, 11, 10))
        assert [str(of_record(patient, day)).split(",")[0] for day in days] == [
            "Given Practitioner", "Given Practitioner", "Given Director",
        ]  # fmt: skip
        billers = {
            month: [row.biller_id for row in records_of([patient], Month(2026, month))["panel"]]
            for month in (10, 11, 12)
        }
        assert billers == {10: ["dr-1"], 11: ["dr-2", "dr-1"], 12: ["dr-2"]}
        facts = answer_for(patient, Month(2026, 12), date(2026, 12, 1)).months[0]
        assert (facts.biller, facts.program("ccm").consent) == ("dr-2", "other_practitioner")

    def test_one_who_comes_back_answers_again(self, inside: Cast) -> None:
        first, second = inside["practitioner"].person, inside["director"].person
        assert first is not None
        assert second is not None
        for person, on in ((second, date(2026, 6, 1)), (first, date(2026, 9, 1))):
            name_practitioner(acting_user=inside["nurse"], patient=inside.patient, practitioner=person, since=on)
        billers = [records_of([inside.patient], Month(2026, month))["panel"][0].biller_id for month in (5, 7, 10)]
        assert billers == ["dr-1", "dr-2", "dr-1"]

    def test_a_specialist_who_never_answered_stays_considered(self, inside: Cast) -> None:
        third = inside["director"].person
        Panel.objects.create(patient=inside.patient, biller=third)
        assert [row.biller_id for row in records_of([inside.patient], Month(2026, 11))["panel"]] == ["dr-1", "dr-2"]

    def test_it_refuses_staff_the_same_and_days_to_come(self, inside: Cast) -> None:
        nurse, doctor, second = (inside[role].person for role in ("nurse", "practitioner", "director"))
        for person, on, says in (
            (nurse, date(2026, 11, 1), "choose a practitioner"),
            (doctor, date(2026, 11, 1), "answers for the patient already"),
            (second, date(2026, 11, 19), "future"),
        ):
            assert person is not None
            with pytest.raises(ChartRefused, match=says):
                name_practitioner(acting_user=inside["nurse"], patient=inside.patient, practitioner=person, since=on)

    def test_pages_name_practitioner_and_care_manager(self, cast: Cast, as_role: As) -> None:
        nurse = as_role("nurse")
        sent = {"practitioner": "dr-2", "since": "2026-11-10", "note": "Retired."}
        assert nurse.post(f"{chart(cast)}/practitioner/", sent).status_code == 302
        assert (
            nurse.post(
                f"{chart(cast)}/practitioner/", {**sent, "practitioner": "dr-1", "since": "2026-11-01"}
            ).status_code
            == 422
        )
        assert "Retired." in nurse.get(f"{chart(cast)}/practitioner/").content.decode()
        assert nurse.post(f"{chart(cast)}/care-manager/", {"care_manager": "rn-1"}).status_code == 302
        page = nurse.get(f"{chart(cast)}/").content.decode()
        assert "Given Director" in page
        with acting_in(cast.clinic):
            assert Patient.objects.get(pk=cast.patient.pk).care_manager == cast["nurse"].person


def test_a_clinic_without_an_electronic_record_comes_from_nothing_to_a_ready_month(
    cast: Cast, clock: Clock, as_role: As
) -> None:
    nurse = as_role("nurse")
    path = nurse.post("/patients/new/", NEW).headers["Location"]
    pk = int(path.rstrip("/").rpartition("/")[2])
    judged = {"chronic": "True", "expected_months": "12", "significant_risk": "True", "word_of": "dr-1"}
    for code in ("I10", "E11.9"):
        nurse.post(f"{path}record/conditions/new/", {"icd10": code, **judged})
    nurse.post(
        f"{path}record/visits/new/",
        {"practitioner": "dr-1", "on": "2026-11-02", "code": "99214", "face_to_face": "True"},
    )
    ticks = {f"said_{one}": "on" for one in ("availability", "cost_sharing", "one_practitioner", "right_to_stop")}
    how = {"form": "verbal", "given_by": "patient", "given_on": "2026-11-03", "practitioner": "dr-1", "begins": "on"}
    assert nurse.post(f"/enrolment/ccm/{pk}/consent/", {**ticks, **how}).status_code == 302
    with acting_in(cast.clinic):
        patient = Patient.objects.get(pk=pk)
        CarePlan.objects.create(
            patient=patient, program="ccm", established_on=date(2026, 11, 4), signed_by="dr-1",
            copy_given_on=date(2026, 11, 4), elements=("all",),
        )  # fmt: skip
        log_time(
            acting_user=cast["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - 1500, end_s=clock.s - 180,
            activity="call_patient", note="Reviewed the plan.",
        )  # fmt: skip
        refresh(Month(2026, 11), date(2026, 11, 18))
        row = Standing.objects.get(patient=patient, month="2026-11")
        assert (row.state, row.bills, row.allowed_cents) == ("ready", [["99490", 1]], 6613)
