"""Oversight in the clinic: the cockpit, acts, the director's log behind its wall, the radar, improvement, studies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from tests.web.cast import ZONE, Cast, make_patient
from tests.web.conftest import Clock

from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.core.sheets import guarded
from careledger.web.billing.models import OtherClaim, Standing
from careledger.web.billing.queries import policy, records_of
from careledger.web.oversight import cockpit, director, radar
from careledger.web.oversight.cockpit import board
from careledger.web.oversight.models import (
    Aim,
    AimPoint,
    DirectorAgreement,
    DirectorEntry,
    OversightAct,
    RadarFinding,
    RadarRun,
)
from careledger.web.patients.models import Patient
from careledger.web.revenue import book
from careledger.web.timers.actions import log_time
from careledger.web.timers.models import TimeEntry

AsRole = Callable[[str], Client]
NOVEMBER = Month(2026, 11)
WORDS = "Reviewed enrolment and contact gaps of the panel"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nothing is kept from another test."""
    cockpit._KEPT.clear()


def log_minutes(cast: Cast, clock: Clock, patient: Patient, minutes: int = 10) -> None:
    """Minutes of the nurse for a patient, an hour before the present."""
    log_time(
        acting_user=cast["nurse"], patient=patient, programs=("ccm",), start_s=clock.s - 3600, end_s=clock.s - 3600 + 60 * minutes,
        activity="call_patient", note="Reviewed symptoms and the plan of care.",
    )  # fmt: skip


def agreement(cast: Cast) -> DirectorAgreement:
    """An agreement that compliance recorded for the director."""
    cells: dict[str, Any] = {
        "code": "md-2026", "director": cast["director"].person, "signed_on": date(2026, 1, 2), "starts_on": date(2026, 1, 5),
        "ends_on": date(2027, 1, 4), "rate_cents_per_hour": 15_000, "cap_minutes_per_month": 60,
        "duties": {"panel": "Review the panel"}, "terms": [],
    }  # fmt: skip
    return director.agree(acting_user=cast["compliance"], cells=cells)


def work(cast: Cast, row: DirectorAgreement, at: datetime, minutes: int = 30, **changes: Any) -> DirectorEntry:
    """Administrative work of the director."""
    start = int(at.timestamp())
    cells: dict[str, Any] = {
        "duty": "panel",
        "start_s": start,
        "end_s": start + 60 * minutes,
        "on": at.date(),
        "what": WORDS,
    }
    return director.log(**{"acting_user": cast["director"], "agreement": row, **cells, **changes})


AT = datetime(2026, 11, 10, 8, 0, tzinfo=ZONE)


class TestCockpit:
    def test_a_number_counts_who_stands_behind_it(self, inside: Cast, clock: Clock) -> None:
        idle = make_patient("p2", inside["practitioner"].person)
        log_minutes(inside, clock, inside.patient)
        shown = board(NOVEMBER)
        active = shown.one("active")
        assert active is not None
        assert (active.numerator, active.denominator, active.units) == (1, 2, ("p1",))
        gap = shown.one("no_contact")
        assert gap is not None
        assert gap.units == (idle.code,)

    def test_it_is_counted_anew_when_something_was_written_and_says_when_it_is_behind(
        self, inside: Cast, clock: Clock, as_role: AsRole
    ) -> None:
        first = board(NOVEMBER)
        assert board(NOVEMBER) is first
        assert not first.is_behind
        log_minutes(inside, clock, inside.patient)
        assert board(NOVEMBER).is_behind
        assert "count again" in as_role("director").get("/oversight/").content.decode()
        assert board(NOVEMBER, anew=True) is not first

    def test_reading_the_claims_store_is_no_writing(self, inside: Cast, tmp_path: Path, settings: Any) -> None:
        """SQLite lays an empty write-ahead log beside a store that is only read."""
        settings.DATA = tmp_path
        with book.store():
            pass
        first = board(NOVEMBER)
        assert board(NOVEMBER) is first
        assert not first.is_behind

    def test_a_count_that_is_behind_is_not_shown_for_long(self, inside: Cast, clock: Clock) -> None:
        first = board(NOVEMBER)
        log_minutes(inside, clock, inside.patient)
        clock.forward(minutes=3)
        assert board(NOVEMBER) is not first

    def test_another_organisation_has_another_cockpit(self, cast: Cast, as_role: AsRole) -> None:
        from careledger.web.tenancy.scope import acting_in

        with acting_in(cast.clinic):
            ours = board(NOVEMBER)
        with acting_in(cast.elsewhere):
            theirs = board(NOVEMBER)
        told = [one.one("eligible") for one in (ours, theirs)]
        assert [one.numerator for one in told if one] == [1, 0]

    def test_an_empty_denominator_says_so(self, inside: Cast, as_role: AsRole) -> None:
        Standing.objects.all().delete()
        page = as_role("director").get("/oversight/").content.decode()
        assert "nobody to divide by" in page

    def test_billable_patients_are_those_whose_standing_bills(self, inside: Cast, clock: Clock) -> None:
        log_minutes(inside, clock, inside.patient, 25)
        Standing.objects.create(
            patient=inside.patient, month="2026-11", biller=inside["practitioner"].person, as_of=date(2026, 11, 18),
            patient_revision=1, policy_version="x", state="ready", bills=[["99490", 1]],
        )  # fmt: skip
        billable = board(NOVEMBER).one("billable")
        assert billable is not None
        assert billable.units == ("p1",)

    def test_retention_follows_patients_from_their_first_month(self, inside: Cast, clock: Clock) -> None:
        log_minutes(inside, clock, inside.patient)
        told = board(NOVEMBER).told
        assert [(one.after, one.stayed, one.followed) for one in told.retention] == [(0, 1, 1)]
        assert told.months is not None
        assert told.months.mean == 1
        assert told.months.published.startswith("4.3")

    def test_a_number_opens_to_its_patients_for_those_who_may_find_them(self, cast: Cast, as_role: AsRole) -> None:
        page = as_role("director").get("/oversight/measure/eligible/?month=2026-11").content.decode()
        assert "Amberlake" in page
        assert "Denominator" in page
        saved = as_role("director").get("/oversight/measure/eligible/?month=2026-11&as=csv").content.decode()
        assert "p1,Amberlake" in saved
        assert as_role("director").get("/oversight/measure/nothing/").status_code == 404
        assert as_role("nurse").get("/oversight/measure/eligible/").status_code == 403

    def test_the_exports_are_whole(self, cast: Cast, as_role: AsRole) -> None:
        client = as_role("compliance")
        assert b"eligible" in client.get("/oversight/export/measures.csv/").content
        assert client.get("/oversight/export/money.csv/").content.startswith(b"payer,code")
        assert client.get("/oversight/export/board.pdf/").content.startswith(b"%PDF")
        assert client.get("/oversight/export/other/").status_code == 404

    def test_a_formula_in_a_cell_is_text(self) -> None:
        assert guarded("=1+1") == "'=1+1"
        assert guarded("@SUM(A1)") == "'@SUM(A1)"
        assert guarded(-3) == -3

    def test_the_pages_take_few_queries(
        self, cast: Cast, as_role: AsRole, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        client = as_role("director")
        client.get("/oversight/")
        for path in (
            "/oversight/",
            "/oversight/acts/",
            "/oversight/director/",
            "/oversight/radar/",
            "/oversight/improvement/",
        ):
            with django_assert_max_num_queries(18):
                client.get(path)


class TestActs:
    def send(self, client: Client, component: str, **changes: Any) -> Any:
        cells = {
            "line0": "Goal reviewed", "activity": "review_reports", "on": "2026-11-17", "minutes": "12", "patient": "p1",
            "under_agency_plan": "unknown", "signature": "Dr D", **changes,
        }  # fmt: skip
        return client.post(f"/oversight/acts/new/?component={component}", cells, follow=True)

    def test_it_says_at_once_what_an_act_is_for(self, cast: Cast, as_role: AsRole) -> None:
        page = self.send(as_role("director"), "tracking_progress").content.decode()
        assert "Minutes that count towards CCM" in page

    def test_program_work_is_administrative_with_its_source(self, inside: Cast, as_role: AsRole) -> None:
        self.send(as_role("director"), "monitoring_and_quality", activity="program_quality", patient="")
        act = OversightAct.objects.get()
        assert act.is_for == "administrative"
        assert act.cite

    def test_an_act_is_never_a_time_entry(self, inside: Cast, as_role: AsRole) -> None:
        self.send(as_role("director"), "tracking_progress")
        assert OversightAct.objects.count() == 1
        assert TimeEntry.objects.count() == 0

    def test_an_unknown_patient_is_refused_beside_the_field(self, cast: Cast, as_role: AsRole) -> None:
        answer = self.send(as_role("director"), "tracking_progress", patient="x1")
        assert answer.status_code == 422
        assert "No patient of the practice has this id" in answer.content.decode()

    def test_an_act_is_not_changed(self, inside: Cast, as_role: AsRole) -> None:
        self.send(as_role("director"), "tracking_progress")
        with pytest.raises(DatabaseError), transaction.atomic():
            OversightAct.objects.update(minutes=99)


class TestDirectorsLog:
    def test_the_wall_no_table_of_the_log_knows_a_patient_and_no_other_table_knows_the_log(self, db: None) -> None:
        log_tables = {DirectorAgreement, DirectorEntry, apps.get_model("oversight.DirectorApproval")}
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                target = field.related_model
                if model in log_tables:
                    assert target is not Patient, field
                    assert field.name not in ("patient", "code_billed", "claim")
                else:
                    assert target not in log_tables, field

    def test_the_wall_no_record_that_the_engine_reads_holds_the_work(self, inside: Cast) -> None:
        work(inside, agreement(inside), AT)
        records = records_of([inside.patient], NOVEMBER)
        assert records["time_entries"] == []
        assert WORDS not in repr(records)
        assert all(not one.minutes_by_staff for one in [board(NOVEMBER).told])

    def test_only_the_director_logs_and_the_approver_is_another(self, inside: Cast) -> None:
        row = agreement(inside)
        with pytest.raises(InputError, match="only the director"):
            work(inside, row, AT, acting_user=inside["compliance"])
        cells = {"code": "own", "director": inside["director"].person}
        with pytest.raises(InputError, match="may not approve"):
            director.agree(acting_user=inside["director"], cells=cells)

    def test_work_outside_the_agreement_is_refused(self, inside: Cast) -> None:
        row = agreement(inside)
        with pytest.raises(InputError, match="no such duty"):
            work(inside, row, AT, duty="golf")
        with pytest.raises(InputError, match="not in force"):
            work(inside, row, AT, on=date(2025, 12, 31))
        with pytest.raises(InputError, match="future"):
            work(inside, row, AT + timedelta(days=30))

    def test_rate_and_cap_hold_in_the_database_itself(self, inside: Cast) -> None:
        row = agreement(inside)
        row.pk, row.code, row.cap_minutes_per_month = None, "other", 0
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    def test_the_statement_pays_to_the_cap_and_warns(self, inside: Cast) -> None:
        row = agreement(inside)
        work(inside, row, AT, minutes=90)
        told = director.statement_of(row, NOVEMBER, policy().on(NOVEMBER.last_on))
        assert (told.minutes, told.payable_minutes, told.amount_cents) == (90, 60, 15_000)
        assert any("above the month's cap" in one for one in told.warnings)

    def test_it_warns_of_an_overlap_with_clinical_time(self, inside: Cast, clock: Clock) -> None:
        from careledger.web.accounts.models import Membership

        row = agreement(inside)
        twin = Membership.objects.get(pk=inside["practitioner"].pk)
        twin.person = inside["director"].person
        twin.save()
        log_time(
            acting_user=twin, patient=inside.patient, programs=("ccm",), start_s=int(AT.timestamp()),
            end_s=int(AT.timestamp()) + 600, activity="call_patient", note="Reviewed the plan.",
        )  # fmt: skip
        work(inside, row, AT)
        told = director.statement_of(row, NOVEMBER, policy().on(NOVEMBER.last_on))
        assert any("overlaps clinical time" in one for one in told.warnings)

    def test_a_signed_month_takes_no_more_and_gives_its_pdf(self, inside: Cast, clock: Clock, as_role: AsRole) -> None:
        row = agreement(inside)
        entry = work(inside, row, AT)
        view = policy().on(NOVEMBER.last_on)
        with pytest.raises(InputError, match="not over"):
            director.approve(acting_user=inside["compliance"], agreement=row, month=NOVEMBER, signature="N", view=view)
        clock.forward(days=20)
        director.approve(acting_user=inside["compliance"], agreement=row, month=NOVEMBER, signature="Noor", view=view)
        with pytest.raises(InputError, match="approved"):
            work(inside, row, AT + timedelta(hours=2))
        with pytest.raises(InputError, match="approved"):
            director.void(acting_user=inside["director"], entry=entry, why="wrong day")
        content = as_role("compliance").get(f"/oversight/director/{row.pk}/statement.pdf?month=2026-11").content
        assert content.startswith(b"%PDF")

    def test_a_voided_entry_stays_and_no_longer_counts(self, inside: Cast) -> None:
        row = agreement(inside)
        entry = work(inside, row, AT)
        director.void(acting_user=inside["director"], entry=entry, why="wrong day")
        assert DirectorEntry.objects.count() == 2
        assert director.statement_of(row, NOVEMBER, policy().on(NOVEMBER.last_on)).minutes == 0

    def test_the_pages_take_an_agreement_and_work(self, inside: Cast, as_role: AsRole) -> None:
        cells = {
            "code": "md-1", "director": inside["director"].person_id, "signed_on": "2026-01-02", "starts_on": "2026-01-05",
            "ends_on": "2027-01-04", "rate": "150", "cap_minutes_per_month": "600", "duties": "panel: Review the panel",
        }  # fmt: skip
        assert as_role("compliance").post("/oversight/director/agree/", cells).status_code == 302
        row = DirectorAgreement.objects.get()
        assert row.rate_cents_per_hour == 15_000
        typed = {"duty": "panel", "on": "2026-11-10", "start": "08:00", "stop": "08:30", "what": WORDS}
        path = f"/oversight/director/{row.pk}/log/"
        assert as_role("director").post(path, {**typed, "what": "work"}).status_code == 422
        assert as_role("director").post(path, typed).status_code == 302
        assert (
            WORDS in as_role("director").get(f"/oversight/director/{row.pk}/statement/?month=2026-11").content.decode()
        )


class TestRadar:
    def two_bases(self, cast: Cast) -> None:
        """Two base codes of a month, which is paid once."""
        for code, day in (("99490", 10), ("99487", 12)):
            OtherClaim.objects.create(patient=cast.patient, practitioner="dr-1", code=code, on=date(2026, 11, day))

    def test_a_finding_keeps_its_clock_over_runs(self, inside: Cast, clock: Clock) -> None:
        self.two_bases(inside)
        radar.run(acting_user=inside["compliance"])
        found = RadarFinding.objects.filter(refund_lines__gt=0).first()
        assert found is not None
        assert (found.return_by - found.identified_on).days == 60
        clock.forward(days=5)
        radar.run(acting_user=None)
        again = RadarFinding.objects.get(pk=found.pk)
        assert again.identified_on == found.identified_on
        assert again.last_run == RadarRun.objects.first()
        assert RadarFinding.objects.filter(key=found.key).count() == 1

    def test_work_on_a_finding_stays_with_who_did_it(self, inside: Cast, as_role: AsRole) -> None:
        self.two_bases(inside)
        radar.run(acting_user=None)
        row = RadarFinding.objects.first()
        client = as_role("compliance")
        path = f"/oversight/radar/finding/{row.pk}/"
        client.post(path, {"step": "refunded", "note": ""})
        row.refresh_from_db()
        assert row.step == "open"
        page = client.post(path, {"step": "refunded", "note": "Voided the second line."}, follow=True).content.decode()
        assert "Voided the second line." in page
        assert "Refunded" in page

    def test_it_runs_from_the_page_and_at_night(self, inside: Cast, as_role: AsRole, capsys: Any) -> None:
        self.two_bases(inside)
        page = as_role("compliance").post("/oversight/radar/run/", follow=True).content.decode()
        assert "99487" in page
        call_command("run_radar", organisation="lakeside")
        assert RadarRun.objects.count() == 2
        sheet = as_role("compliance").get("/oversight/radar/worksheet.csv").content.decode()
        assert "return by" in sheet.splitlines()[0]
        assert len(sheet.splitlines()) > 1

    def test_those_who_do_not_answer_for_it_do_not_see_it(self, cast: Cast, as_role: AsRole) -> None:
        assert as_role("biller").get("/oversight/radar/").status_code == 403
        assert as_role("nurse").post("/oversight/radar/run/").status_code == 403


class TestImprovement:
    def test_a_run_chart_marks_a_special_cause(self, inside: Cast, as_role: AsRole, clock: Clock) -> None:
        aim = Aim.objects.create(
            says="Contact all",
            measure="contacted",
            unit="%",
            target=95,
            by=date(2027, 3, 1),
            owner="D",
            baseline_points=6,
        )
        for place, value in enumerate((78, 80, 77, 79, 81, 80, 84, 86, 88, 89, 90, 92), 1):
            AimPoint.objects.create(aim=aim, period=f"2026-{place:02}", value=value, recorded_at=clock())
        page = as_role("director").get(f"/oversight/improvement/{aim.pk}/").content.decode()
        assert "points in a row above the median" in page
        assert "<polyline" in page

    def test_points_cycles_and_notes_are_added_by_the_director_only(self, inside: Cast, as_role: AsRole) -> None:
        aim = Aim.objects.create(says="A", measure="m", target=1, by=date(2027, 3, 1), owner="D")
        path = f"/oversight/improvement/{aim.pk}/"
        director_ = as_role("director")
        assert director_.post(path, {"what": "point", "period": "2026-13", "value": "3"}).status_code == 422
        assert director_.post(path, {"what": "point", "period": "2026-10", "value": "3"}).status_code == 302
        assert director_.post(path, {"what": "cycle", "since": "2026-11-01", "plan": "Call earlier"}).status_code == 302
        assert director_.post(path, {"what": "note", "text": "Two teams"}).status_code == 302
        as_role("biller").post(path, {"what": "note", "text": "not mine"})
        page = director_.get(path).content.decode()
        assert "Call earlier" in page
        assert "Two teams" in page
        assert "not mine" not in page


def test_a_study_refuses_a_file_of_another_kind_and_names_it(cast: Cast, as_role: AsRole) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = {name: SimpleUploadedFile("claims.exe", b"MZ") for name in ("claims", "enrollment")}
    answer = as_role("compliance").post("/oversight/study/", files)
    assert answer.status_code == 422
    assert "claims.exe" in answer.content.decode()
