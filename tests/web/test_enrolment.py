"""Enrolment: who could begin, by the engine's word; a patient's steps; consent with every statement; the beginning and the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.models import AuditEvent
from careledger.web.billing.models import OtherClaim
from careledger.web.billing.queries import answer_for
from careledger.web.enrolment import programs
from careledger.web.enrolment.actions import enrol, mark, take_consent, withdraw
from careledger.web.enrolment.finding import refresh
from careledger.web.enrolment.models import Candidate
from careledger.web.enrolment.queries import Search, candidates, counts, rows_of
from careledger.web.enrolment.shares import estimate
from careledger.web.patients.changes import ChartChanged
from careledger.web.patients.models import (
    Condition,
    Consent,
    Coverage,
    Enrolment,
    Panel,
    Patient,
    ProgramStatus,
    Visit,
)
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.queries import programs_of
from careledger.web.patients.refusals import ChartRefused
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in

ON = date(2026, 11, 18)
STATEMENTS = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")
As = Callable[[str], Client]


def newcomer(cast: Cast, code: str = "n1", **cells: Any) -> Patient:
    """A patient who could begin CCM today and is in no program."""
    person = cast["practitioner"].person
    assert person is not None
    patient: Patient = Patient.objects.create(
        code=code,
        family_name="Birchfield",
        given_name=f"Bo {code}",
        born_on=date(1950, 2, 3),
        residence="home",
        **cells,
    )
    Coverage.objects.create(patient=patient, payer="medicare_ffs", part_b=True, qmb=False)
    Panel.objects.create(patient=patient, biller=person, established=True)
    for icd10 in ("I10", "E11.9"):
        Condition.objects.create(
            patient=patient, icd10=icd10, chronic=True, expected_months=12, significant_risk=True,
            chronic_basis=("ccw", "ahrq", "clinician"),
        )  # fmt: skip
    Visit.objects.create(patient=patient, practitioner=person, on=date(2026, 3, 2), code="99214", face_to_face=True)
    return patient


def found(patient: Patient, program: str = "ccm") -> Candidate:
    refresh(ON)
    row: Candidate = Candidate.objects.get(patient=patient, program=program)
    return row


def said(row: Candidate) -> str:
    return " ".join(reason["says"] for reason in row.reasons)


class TestFinding:
    def test_it_finds_whom_the_rules_would_let_begin_today_and_says_why(self, inside: Cast) -> None:
        row = found(newcomer(inside))
        assert (row.state, row.code, row.against) == ("eligible", "99490", [])
        for reason in ("has Part B", "at least 2 chronic conditions", "seen within 12 months"):
            assert reason in said(row)

    def test_it_counts_the_look_back_from_today(self, inside: Cast) -> None:
        patient = newcomer(inside)
        Visit.objects.filter(patient=patient).update(on=date(2025, 11, 17))
        assert found(patient).state == "visit"

    @pytest.mark.parametrize(
        ("change", "state", "reason"),
        [
            (lambda p: p.conditions.filter(icd10="I10").delete(), "no", "does not have 2 chronic conditions"),
            (lambda p: p.conditions.update(chronic=None), "unclear", "not recorded whether they are"),
            (lambda p: p.coverage.update(part_b=False), "no", "no Part B"),
            (lambda p: p.coverage.update(part_b=None), "unclear", "Part B entitlement is not recorded"),
            (lambda p: Patient.objects.filter(pk=p.pk).update(died_on=date(2026, 10, 1)), "no", "died before"),
            (lambda p: p.panel.all().delete(), "unclear", "no practitioner of record"),
        ],
    )
    def test_it_says_what_stands_against(
        self, inside: Cast, change: Callable[[Patient], Any], state: str, reason: str
    ) -> None:
        patient = newcomer(inside)
        change(patient)
        row = found(patient)
        assert row.state == state
        assert reason in said(row)

    def test_it_sees_by_other_claims_who_is_in_the_program_elsewhere(self, inside: Cast) -> None:
        mine, elsewhere, ours = newcomer(inside, "a"), newcomer(inside, "b"), newcomer(inside, "c")
        OtherClaim.objects.create(patient=elsewhere, code="99490", on=date(2026, 10, 31), practice_code="harbor")
        OtherClaim.objects.create(patient=ours, code="99490", on=date(2026, 10, 31), practice_code="lakeside")
        assert [found(one).state for one in (mine, elsewhere, ours)] == ["eligible", "elsewhere", "eligible"]
        assert "99490 of October 2026 was billed by harbor" in said(found(elsewhere))
        assert found(elsewhere, "pcm").state != "elsewhere"

    def test_it_asks_principal_and_advanced_primary_care_their_own_questions(self, inside: Cast) -> None:
        patient = newcomer(inside)
        assert found(patient, "pcm").state == "unclear"
        assert "responsible for all of the patient's primary care" in said(found(patient, "apcm"))
        patient.panel.update(primary_care_focal_point=True)
        patient.conditions.filter(icd10="I10").update(complex=True)
        Patient.objects.filter(pk=patient.pk).update(revision=5)
        assert (found(patient, "pcm").state, found(patient, "apcm").state) == ("eligible", "eligible")
        assert found(patient, "apcm").code == "G0557"

    def test_it_decides_anew_when_the_record_changes_and_weekly(self, inside: Cast) -> None:
        newcomer(inside)
        assert [refresh(ON), refresh(ON), refresh(date(2026, 11, 24)), refresh(date(2026, 11, 25))] == [2, 0, 0, 2]
        mark(acting_user=inside["nurse"], patient=inside.patient, program="pcm", status="invited", on=ON)
        assert refresh(date(2026, 11, 25)) == 1

    def test_it_narrows_by_state_status_name_and_diagnosis(self, inside: Cast) -> None:
        patient = newcomer(inside)
        refresh(ON)
        assert [row.patient_id for row in rows_of(candidates(Search(state="eligible")))] == [patient.pk]
        assert {state: many for state, _, many in counts(Search(status=""))}["eligible"] == 2
        for search in (Search(words="birch"), Search(words="n1"), Search(condition="E11"), Search(status="open")):
            assert patient.pk in {row.patient_id for row in rows_of(candidates(search))}
        for search in (Search(words="zz"), Search(condition="J44"), Search(status="declined")):
            assert not candidates(search)


class TestSteps:
    def test_it_keeps_every_step_with_its_day(self, inside: Cast) -> None:
        patient, nurse = newcomer(inside), inside["nurse"]
        mark(
            acting_user=nurse, patient=patient, program="ccm", status="invited", on=date(2026, 11, 2), note="By letter."
        )
        mark(acting_user=nurse, patient=patient, program="ccm", status="declined", on=date(2026, 11, 9))
        (standing,) = programs_of(patient)
        assert (standing.status, [row.status for row in standing.history]) == ("declined", ["declined", "invited"])
        event = AuditEvent.objects.filter(action="status.recorded").latest("sequence")
        assert (event.patient_ref, event.after["status"]) == (patient.pk, "declined")

    @pytest.mark.parametrize(
        ("status", "on", "says"),
        [
            ("invited", date(2026, 11, 10), "revoke the consent"),
            ("consented", date(2026, 11, 10), "form of its own"),
            ("ineligible", date(2026, 11, 19), "future"),
        ],
    )
    def test_it_refuses_a_step_that_cannot_follow(self, inside: Cast, status: str, on: date, says: str) -> None:
        with pytest.raises(ChartRefused, match=says):
            mark(acting_user=inside["nurse"], patient=inside.patient, program="ccm", status=status, on=on)

    def test_it_takes_an_earlier_step_into_the_history(self, inside: Cast) -> None:
        mark(acting_user=inside["nurse"], patient=inside.patient, program="ccm", status="invited", on=date(2025, 12, 1))
        (standing,) = [one for one in programs_of(inside.patient) if one.program == "ccm"]
        assert (standing.status, standing.history[-1].status) == ("enrolled", "invited")

    def test_it_ends_an_enrolment_without_touching_the_consent(self, inside: Cast) -> None:
        mark(acting_user=inside["nurse"], patient=inside.patient, program="ccm", status="enrolled_elsewhere", on=ON)
        assert programs_of(inside.patient)[0].status == "enrolled_elsewhere"
        assert Consent.objects.get(patient=inside.patient).revoked_on is None

    def test_it_lets_nobody_begin_without_consent_and_nobody_twice(self, inside: Cast) -> None:
        patient = newcomer(inside)
        with pytest.raises(ChartRefused, match="record the consent first"):
            enrol(acting_user=inside["nurse"], patient=patient, program="ccm", started_on=ON)
        with pytest.raises(ChartRefused, match="enrolled since 2026-01-05"):
            enrol(acting_user=inside["nurse"], patient=inside.patient, program="ccm", started_on=ON)


def consent(cast: Cast, patient: Patient, **cells: Any) -> Consent:
    person = cast["practitioner"].person
    assert person is not None
    asked: dict[str, Any] = {
        "program": "ccm", "given_on": ON, "form": "verbal", "practitioner": person, "told": STATEMENTS, **cells
    }  # fmt: skip
    return take_consent(acting_user=cast["nurse"], patient=patient, **asked)


class TestConsent:
    def test_it_opens_the_program_for_the_engine(self, inside: Cast) -> None:
        patient = newcomer(inside)
        row = consent(inside, patient, begins=True)
        assert (row.recorded_by, row.given_by, row.share_cents) == ("rn-1", "patient", 1323)
        assert Enrolment.objects.get(patient=patient).started_on == ON
        assert programs_of(patient)[0].status == "enrolled"
        facts = answer_for(patient, Month(2026, 11), ON).months[0].program("ccm")
        assert (facts.consent, facts.consent_lacks, facts.initiating) == ("in_force", (), "not_needed")

    @pytest.mark.parametrize("missing", STATEMENTS)
    def test_it_asks_for_each_statement_of_policy(self, inside: Cast, missing: str) -> None:
        with pytest.raises(ChartRefused, match=missing.replace("_", " ")) as refused:
            consent(inside, newcomer(inside), told=[one for one in STATEMENTS if one != missing])
        assert refused.value.field == f"said_{missing}"
        assert not Consent.objects.exclude(patient=inside.patient).exists()

    def test_it_names_every_statement_that_is_missing_at_once(self, inside: Cast) -> None:
        with pytest.raises(ChartRefused, match="availability, one practitioner") as refused:
            consent(inside, newcomer(inside), told=["cost_sharing", "right_to_stop"])
        assert [field for field, _ in refused.value.beside] == ["said_availability", "said_one_practitioner"]

    def test_it_takes_the_statements_from_policy_for_program_and_day(self, inside: Cast) -> None:
        assert programs.statements("apcm", ON) == ("cost_sharing", "one_practitioner", "right_to_stop")
        assert "specialist_consultation" in programs.statements("bhi", ON)
        assert (programs.statements("apcm", date(2024, 6, 1)), programs.statements("acp", ON)) == ((), ())
        with pytest.raises(ChartRefused, match="knows no consent"):
            consent(inside, newcomer(inside), program="apcm", given_on=date(2024, 6, 1))

    @pytest.mark.parametrize(
        ("cells", "field"),
        [
            ({"given_on": date(2026, 11, 19)}, "given_on"),
            ({"given_on": date(1949, 1, 1)}, "given_on"),
            ({"form": "telepathic"}, "form"),
            ({"given_by": "representative", "representative": " "}, "representative"),
            ({"language": "tlh"}, "language"),
        ],
    )
    def test_it_refuses_what_cannot_be(self, inside: Cast, cells: dict[str, Any], field: str) -> None:
        with pytest.raises(ChartRefused) as refused:
            consent(inside, newcomer(inside), **cells)
        assert refused.value.field == field

    def test_it_lets_only_those_be_paid_whom_policy_names(self, inside: Cast) -> None:
        with pytest.raises(ChartRefused, match="cannot bill"):
            consent(inside, newcomer(inside), practitioner=inside["nurse"].person)

    def test_it_marks_a_late_record_and_not_an_imported_one(self, inside: Cast) -> None:
        row = consent(inside, newcomer(inside), given_on=date(2026, 11, 13))
        assert (row.days_late, row.share_cents) == (5, None)
        assert Consent.objects.get(patient=inside.patient).days_late == 0

    def test_it_needs_no_second_complete_consent(self, inside: Cast) -> None:
        with pytest.raises(ChartRefused, match="in force since 2026-01-05"):
            consent(inside, inside.patient)

    def test_it_names_the_practitioner_where_nobody_answers_yet(self, inside: Cast) -> None:
        patient = newcomer(inside)
        Panel.objects.filter(patient=patient).delete()
        consent(inside, patient)
        assert of_record(patient, ON) == inside["practitioner"].person

    def test_it_keeps_a_revoked_consent_in_force_to_the_months_end(self, inside: Cast) -> None:
        row = Consent.objects.get(patient=inside.patient)
        withdraw(acting_user=inside["nurse"], consent=row, on=date(2026, 11, 10))
        event = AuditEvent.objects.get(action="consent.revoked")
        assert event.after["in_force_until"] == "2026-11-30"
        states = [answer_for(inside.patient, Month(2026, n), ON).months[0].program("ccm").consent for n in (11, 12)]
        assert states == ["in_force", "revoked"]
        consent(inside, inside.patient)
        assert programs_of(inside.patient)[0].status == "consented"

    def test_two_people_cannot_both_take_it(self, inside: Cast) -> None:
        patient = newcomer(inside)
        seen = patient.revision
        consent(inside, patient, seen=seen)
        with pytest.raises(ChartChanged, match="Given Nurse changed this"):
            consent(inside, patient, seen=seen, practitioner=inside["director"].person)


class TestShares:
    def test_it_tells_what_the_engines_money_says(self, inside: Cast) -> None:
        told = estimate(newcomer(inside), "ccm", ON)
        assert [(one.codes, one.allowed_cents, one.share_cents) for one in told.months] == [
            ((("99490", 1),), 6613, 1323),
            ((("99490", 1), ("99439", 2)), 16701, 3341),
        ]
        assert told.before_deductible_cents == 6613

    def test_a_qualified_beneficiary_owes_nothing(self, inside: Cast) -> None:
        patient = newcomer(inside)
        patient.coverage.update(qmb=True)
        told = estimate(patient, "ccm", ON)
        assert (told.plain_cents, told.is_qmb, told.before_deductible_cents) == (0, True, None)

    def test_a_plan_tells_its_own_and_a_second_payer_is_named(self, inside: Cast) -> None:
        patient = newcomer(inside)
        patient.coverage.update(payer="medicare_advantage")
        Coverage.objects.create(patient=patient, payer="medicaid", rank=2)
        told = estimate(patient, "ccm", ON)
        assert (told.plain_cents, len(told.others)) == (None, 1)
        assert "contract" in told.notes[0].says

    def test_it_tells_the_level_of_advanced_primary_care(self, inside: Cast) -> None:
        (month,) = estimate(newcomer(inside), "apcm", ON).months
        assert month.codes == (("G0557", 1),)
        assert month.share_cents is not None
        assert month.share_cents > 0


class TestPages:
    @pytest.fixture
    def patient(self, cast: Cast) -> Patient:
        with acting_in(cast.clinic):
            return newcomer(cast)

    def form(self, **cells: Any) -> dict[str, Any]:
        ticks = {f"said_{one}": "on" for one in STATEMENTS}
        how = {
            "form": "verbal",
            "given_by": "patient",
            "given_on": "2026-11-18",
            "practitioner": "dr-1",
            "begins": "on",
        }
        return {**ticks, **how, "once": "t-1", "seen": "0", **cells}

    def test_the_finder_shows_reasons_and_invites(self, cast: Cast, patient: Patient, as_role: As) -> None:
        nurse = as_role("nurse")
        with acting_in(cast.clinic):
            refresh(ON)
        page = nurse.get("/enrolment/ccm/").content.decode()
        assert "Birchfield" in page
        assert "Chronic by CCW, AHRQ" in page
        assert "Amberlake" not in page
        sent = {"status": "invited", "on": "2026-11-18", "back": "/enrolment/ccm/?status="}
        answer = nurse.post(f"/enrolment/ccm/{patient.pk}/step/", sent)
        assert answer.headers["Location"] == "/enrolment/ccm/?status="
        assert nurse.post(f"/enrolment/ccm/{patient.pk}/step/", sent).status_code == 422
        assert nurse.post(
            f"/enrolment/ccm/{patient.pk}/step/", {**sent, "status": "declined", "back": "//evil.example/enrolment/"}
        ).headers["Location"] == f"/enrolment/ccm/{patient.pk}/"  # fmt: skip

    def test_a_reader_sees_and_does_not_act(self, cast: Cast, patient: Patient, as_role: As) -> None:
        biller = as_role("biller")
        page = biller.get(f"/enrolment/ccm/{patient.pk}/").content.decode()
        assert "Eligibility today" in page
        assert "Record consent" not in page
        assert "Enrol</button>" not in page
        assert biller.post(f"/enrolment/ccm/{patient.pk}/consent/", self.form()).status_code == 403

    def test_the_share_stands_before_the_statements_in_both_languages(
        self, cast: Cast, patient: Patient, as_role: As
    ) -> None:
        nurse = as_role("nurse")
        for language, told in (("en", "Only one practitioner can be paid"), ("es", "Solo se puede pagar")):
            page = nurse.get(f"/enrolment/ccm/{patient.pk}/consent/?language={language}").content.decode()
            assert page.index("$13.23") < page.index("said_cost_sharing") < page.index(told)

    def test_a_form_sent_twice_records_once(self, cast: Cast, patient: Patient, as_role: As) -> None:
        nurse = as_role("nurse")
        for _ in range(2):
            answer = nurse.post(f"/enrolment/ccm/{patient.pk}/consent/?language=es", self.form())
            assert answer.status_code == 302
        with acting_in(cast.clinic):
            (row,) = Consent.objects.filter(patient=patient)
            assert (row.language, ProgramStatus.objects.filter(patient=patient).count()) == ("es", 2)

    @pytest.mark.parametrize(
        ("cells", "says"),
        [
            ({"said_right_to_stop": ""}, "then confirm it."),
            ({"given_by": "representative"}, "name the representative"),
            ({"given_on": "2026-11-19"}, "lies in the future"),
            ({"given_on": "2026-13-45"}, "Enter a valid date"),
            ({"form": ""}, "required"),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field_and_typing_is_kept(
        self, cast: Cast, patient: Patient, as_role: As, cells: dict[str, str], says: str
    ) -> None:
        sent = {key: value for key, value in self.form(representative="Bea Birchfield", **cells).items() if value}
        answer = as_role("nurse").post(
            f"/enrolment/ccm/{patient.pk}/consent/", {**sent, "representative": ""} if "given_by" in cells else sent
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert says in page
        assert page.count("checked") >= 4
        with acting_in(cast.clinic):
            assert not Consent.objects.filter(patient=patient).exists()

    def test_switching_the_language_keeps_ticks_and_typing_and_judges_nothing(
        self, cast: Cast, patient: Patient, as_role: As
    ) -> None:
        typed = self.form(switch="es", given_by="representative", representative="Bea Birchfield", given_on="")
        del typed["said_right_to_stop"], typed["begins"]
        answer = as_role("nurse").post(f"/enrolment/ccm/{patient.pk}/consent/?language=es", typed)
        page = answer.content.decode()
        assert (answer.status_code, "field wrong" in page) == (200, False)
        assert "Solo se puede pagar" in page
        ticked = {
            box.split('"')[0] for box in page.split('type="checkbox" name="')[1:] if "checked" in box.split(">")[0]
        }
        assert ticked == {"said_availability", "said_cost_sharing", "said_one_practitioner"}
        for kept in (
            'value="Bea Birchfield"',
            'value="representative" selected',
            'value="t-1"',
            'value="verbal" selected',
        ):
            assert kept in page
        with acting_in(cast.clinic):
            assert not Consent.objects.filter(patient=patient).exists()

    def test_two_people_see_each_other(self, cast: Cast, patient: Patient, as_role: As) -> None:
        nurse = as_role("nurse")
        assert nurse.post(f"/enrolment/ccm/{patient.pk}/consent/", self.form()).status_code == 302
        other = self.form(once="t-2", practitioner="dr-2")
        answer = as_role("practitioner").post(f"/enrolment/ccm/{patient.pk}/consent/", other)
        assert answer.status_code == 422
        assert "What changed meanwhile" in answer.content.decode()

    def test_it_prints_the_form_in_both_languages_and_blank(self, cast: Cast, patient: Patient, as_role: As) -> None:
        nurse = as_role("nurse")
        nurse.post(f"/enrolment/ccm/{patient.pk}/consent/", self.form())
        with acting_in(cast.clinic):
            row = Consent.objects.get(patient=patient)
        for path in ("form.pdf", f"{patient.pk}/consent/form.pdf", f"{patient.pk}/consent/{row.pk}/form.pdf"):
            for language in ("en", "es"):
                answer = nurse.get(f"/enrolment/ccm/{path}?language={language}")
                assert answer.content.startswith(b"%PDF"), path
        with acting_in(cast.clinic):
            assert AuditEvent.objects.filter(action="consent_form.read", patient_ref=patient.pk).count() == 4

    def test_it_revokes_and_shows_until_when(self, cast: Cast, as_role: As) -> None:
        with acting_in(cast.clinic):
            row = Consent.objects.get(patient=cast.patient)
        path = f"/enrolment/ccm/{cast.patient.pk}/"
        nurse = as_role("nurse")
        assert nurse.post(f"{path}consent/{row.pk}/revoke/", {"on": "2026-12-01"}).status_code == 422
        assert nurse.post(f"{path}consent/{row.pk}/revoke/", {"on": "2026-11-10", "once": "r"}).status_code == 302
        assert "in force until Nov 30, 2026" in nurse.get(path).content.decode()
        assert "in force until Nov 30, 2026" in nurse.get(f"/patients/{cast.patient.pk}/").content.decode()

    def test_the_charts_header_shows_what_could_begin_until_a_step_is_recorded(
        self, cast: Cast, patient: Patient, as_role: As
    ) -> None:
        with acting_in(cast.clinic):
            refresh(ON)
        nurse = as_role("nurse")
        assert "CCM: eligible</a>" in nurse.get(f"/patients/{patient.pk}/").content.decode()
        nurse.post(f"/enrolment/ccm/{patient.pk}/step/", {"status": "invited", "on": "2026-11-18"})
        page = nurse.get(f"/patients/{patient.pk}/").content.decode()
        assert "CCM: invited since Nov 18, 2026" in page
        assert "CCM: eligible</a>" not in page

    def test_it_begins_after_a_consent(self, cast: Cast, patient: Patient, as_role: As) -> None:
        nurse, path = as_role("nurse"), f"/enrolment/ccm/{patient.pk}/"
        nurse.post(f"{path}consent/", {**self.form(), "begins": ""})
        assert "Begin the program" in nurse.get(path).content.decode()
        assert nurse.post(f"{path}begin/", {"started_on": "2026-11-17", "once": "b"}).status_code == 422
        assert nurse.post(f"{path}begin/", {"started_on": "2026-11-18", "once": "b"}).status_code == 302
        assert "Enrolled since Nov 18, 2026" in nurse.get(path).content.decode()

    def test_pages_ask_few_questions_however_many_patients(
        self, cast: Cast, as_role: As, django_assert_max_num_queries: Any
    ) -> None:
        with acting_in(cast.clinic):
            person = Person.objects.get(code="dr-1")
            for number in range(12):
                make_patient(f"m{number}", person)
            refresh(ON)
        nurse = as_role("nurse")
        nurse.get("/enrolment/ccm/?state=any&status=")
        with django_assert_max_num_queries(18):
            assert nurse.get("/enrolment/ccm/?state=any&status=").status_code == 200

    def test_a_stranger_finds_a_closed_door(self, cast: Cast, patient: Patient, as_role: As) -> None:
        stranger = as_role("stranger")
        assert "Birchfield" not in stranger.get("/enrolment/ccm/?state=any&status=").content.decode()
        for path in (f"/enrolment/ccm/{patient.pk}/", f"/enrolment/ccm/{patient.pk}/consent/form.pdf"):
            assert stranger.get(path).status_code == 404

    def test_the_keeper_keeps_candidates(self, cast: Cast, patient: Patient, clock: Clock) -> None:
        from careledger.web.billing.keeper import keep_all

        keep_all(breath=0)
        with acting_in(cast.clinic):
            assert Candidate.objects.filter(patient=patient).count() == 3
