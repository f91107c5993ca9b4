"""The idle lock, asking again, sessions, second factors, limits, one audit at a time, the export of the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.accounts import lock
from careledger.web.accounts.limits import limited
from careledger.web.audit.actions import record
from careledger.web.audit.engagements import EngagementRefused, end_engagement, open_engagement
from careledger.web.audit.export import guarded
from careledger.web.audit.models import AuditEvent, Engagement
from careledger.web.billing.actions import refresh
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.timers.models import TimeEntry, Timer

WORD = "a passphrase for tests"


class Desk:
    """The lock's clock, moved by hand; re-authentications happen at its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1_800_000_000.0
        monkeypatch.setattr(lock.time, "time", lambda: self.at)

    def leave(self, minutes: float) -> None:
        self.at += minutes * 60


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    cache.clear()
    return Desk(monkeypatch)


def test_it_locks_when_nobody_was_there_and_the_timer_runs_on(
    cast: Cast, clock: Clock, desk: Desk, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    chart = f"/patients/{cast.patient.pk}/"
    client.post(f"/time/timer/start/{cast.patient.pk}/", {"program": "ccm"})
    assert client.get(chart).status_code == 200
    desk.leave(14.9)
    assert client.get(chart).status_code == 200
    desk.leave(15.1)
    clock.forward(minutes=30)
    closed = client.get(chart)
    assert closed.headers["Location"].startswith("/account/reauthenticate/?next=")
    page = client.get(closed.headers["Location"]).content.decode()
    assert "Locked" in page
    assert "Amberlake" not in page
    timer = Timer.everywhere.get()
    assert (timer.state, timer.running_since_s) == ("running", timer.started_s)
    opened = client.post(closed.headers["Location"], {"password": WORD})
    assert opened.headers["Location"] == chart
    assert "Amberlake" in client.get(chart).content.decode()
    assert client.get("/time/timer/").context["timer"].seconds == 30 * 60


def test_the_pages_own_reports_are_no_sign_of_a_person(
    cast: Cast, desk: Desk, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    client.get("/")
    for _ in range(4):
        desk.leave(5)
        client.post("/time/timer/seen/")
        client.get("/access/state/")
    assert client.get("/access/state/").json() == {"locked": True, "left_s": 0}
    assert client.get("/time/timer/", headers={"HX-Request": "true"}).headers["X-Locked"] == "1"
    assert client.post("/time/timer/seen/", headers={"HX-Request": "true"}).status_code == 401


def test_someone_who_types_is_not_locked_out(cast: Cast, desk: Desk, as_role: Callable[[str], Client]) -> None:
    client = as_role("nurse")
    client.get("/")
    for _ in range(5):
        desk.leave(10)
        assert client.post("/access/here/").status_code == 204
    assert client.get("/").status_code == 200


def test_the_curtain_opens_by_the_passphrase_and_by_nothing_less(
    cast: Cast, desk: Desk, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    client.get("/")
    client.post("/access/lock/", headers={"HX-Request": "true"})
    assert client.post("/access/here/").status_code == 204
    assert client.get("/").status_code == 302
    assert client.post("/access/unlock/", {"password": "a guess"}).status_code == 422
    assert client.get("/").status_code == 302
    desk.leave(1)
    assert client.post("/access/unlock/", {"password": WORD}).status_code == 204
    assert client.get("/").status_code == 200
    said = AuditEvent.everywhere.filter(action__startswith="session.").order_by("sequence")
    assert [event.action for event in said][-3:] == ["session.locked", "session.refused", "session.unlocked"]


def test_what_was_sent_too_late_goes_on_after_the_answer(
    cast: Cast, clock: Clock, desk: Desk, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    client.get("/")
    desk.leave(20)
    day = clock.at.strftime("%Y-%m-%d")
    typed = {
        "program": "ccm",
        "on": day,
        "start": "09:00",
        "end": "09:20",
        "activity": "call_patient",
        "note": "Called.",
    }
    late = client.post(f"/time/patient/{cast.patient.pk}/", typed)
    assert late.headers["Location"].startswith("/account/reauthenticate/")
    assert not TimeEntry.everywhere.exists()
    client.post(late.headers["Location"], {"password": WORD})
    assert TimeEntry.everywhere.get().note == "Called."


def test_a_grave_act_asks_again_and_the_answer_is_good_for_ten_minutes(
    cast: Cast, desk: Desk, as_role: Callable[[str], Client]
) -> None:
    client = as_role("compliance")
    asked = client.get("/settings/api/new/")
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    client.post(asked.headers["Location"], {"password": WORD})
    assert client.get("/settings/api/new/").status_code == 200
    desk.leave(9.9)
    assert client.get("/settings/api/new/").status_code == 200
    desk.leave(0.2)
    assert client.get("/settings/api/new/").status_code == 302


def test_it_lists_sessions_and_ends_the_others(cast: Cast) -> None:
    login = {"login": "nurse@lakeside.example", "password": WORD}
    here, there = Client(headers={"User-Agent": "Desk"}), Client(headers={"User-Agent": "Phone"})
    for client in (here, there):
        client.post("/account/login/", login)
        client.get("/")
    page = here.get("/account/sessions/").content.decode()
    assert "Desk" in page
    assert "Phone" in page
    here.post("/account/sessions/")
    assert here.get("/").status_code == 200
    assert there.get("/").headers["Location"].startswith("/account/login/")


def test_a_recovery_code_opens_once(cast: Cast) -> None:
    user = cast["nurse"].user
    TOTP.activate(user, generate_totp_secret())
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    login = {"login": "nurse@lakeside.example", "password": WORD}
    for status in (302, 200):
        client = Client()
        client.post("/account/login/", login)
        assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == status
        cache.clear()
    assert Authenticator.objects.filter(user=user, type="recovery_codes").exists()


def test_it_slows_down_who_guesses_a_passphrase_across_addresses(cast: Cast, settings: Any) -> None:
    from careledger.web import settings as house

    settings.ACCOUNT_RATE_LIMITS = house.ACCOUNT_RATE_LIMITS
    cache.clear()
    wrong = {"login": "nurse@lakeside.example", "password": "a guess"}
    for place in range(6):
        last = Client(REMOTE_ADDR=f"10.0.0.{place}").post("/account/login/", wrong)
    assert "Too many failed login attempts" in last.content.decode()
    right = Client(REMOTE_ADDR="10.0.1.1").post("/account/login/", {**wrong, "password": WORD})
    assert right.status_code == 200
    other = Client(REMOTE_ADDR="10.0.1.1").post(
        "/account/login/", {"login": "biller@lakeside.example", "password": WORD}
    )
    assert other.status_code == 302


@pytest.fixture
def audited(cast: Cast, clock: Clock) -> Patient:
    """A second patient, with time in November, whom the open audit looks at; the cast's own is outside it."""
    with acting_in(cast.clinic), timezone.override(cast.clinic.zone):
        patient = make_patient("p2", Person.objects.get(code="dr-1"))
        Patient.objects.filter(pk=patient.pk).update(family_name="Birchwater")
        for who, start in ((patient, 7200), (cast.patient, 3600)):
            log_time(
                acting_user=cast["nurse"], patient=who, programs=("ccm",), start_s=clock.s - start,
                end_s=clock.s - start + 1300, activity="call_patient", note=f"Note of {who.code}.",
            )  # fmt: skip
        refresh(Month.parse("2026-10"), clock.at.date())
        refresh(Month.parse("2026-11"), clock.at.date())
        _open(cast, clock, patient)
    return patient


def _open(cast: Cast, clock: Clock, patient: Patient, **changes: Any) -> Any:
    today = clock.at.date()
    said = {"name": "Spot check", "since": today, "until": today, "months": [Month.parse("2026-11")], **changes}
    return open_engagement(acting_user=cast["compliance"], auditor=cast["auditor"], patients=[patient], **said)


def test_an_auditor_reads_one_audit_and_nothing_else(
    cast: Cast, clock: Clock, audited: Patient, as_role: Callable[[str], Client]
) -> None:
    client = as_role("auditor")
    for path in ("/patients/", "/month/", "/month/2026-11/", "/audit/", "/?whose=all"):
        page = client.get(path).content.decode()
        assert "Amberlake" not in page, path
        assert "Spot check" in page, path
    assert "Birchwater" in client.get("/patients/").content.decode()
    assert "Birchwater" in client.get("/month/2026-11/").content.decode()
    assert client.get(f"/patients/{audited.pk}/").status_code == 200
    assert client.get(f"/month/2026-11/patient/{audited.pk}/").status_code == 200
    assert client.get(f"/patients/{cast.patient.pk}/").status_code == 404
    assert client.get(f"/month/2026-11/patient/{cast.patient.pk}/").status_code == 404
    assert client.get("/month/2026-10/").status_code == 404
    assert client.get(f"/month/2026-10/patient/{audited.pk}/").status_code == 404


def test_an_auditor_sees_the_answer_everyone_sees_and_changes_nothing(
    cast: Cast, audited: Patient, as_role: Callable[[str], Client]
) -> None:
    path = f"/month/2026-11/patient/{audited.pk}/"
    seen = [as_role(role).get(path).context["answer"] for role in ("auditor", "compliance")]
    assert seen[0] == seen[1]
    for forbidden in (f"/time/patient/{audited.pk}/", "/settings/api/new/", "/audit/audits/new/"):
        assert as_role("auditor").post(forbidden).status_code == 403


def test_an_audit_ends_by_its_last_day_or_at_once(
    cast: Cast, clock: Clock, audited: Patient, as_role: Callable[[str], Client]
) -> None:
    client = as_role("auditor")
    with acting_in(cast.clinic):
        with pytest.raises(EngagementRefused, match="another audit"):
            _open(cast, clock, audited)
        end_engagement(acting_user=cast["compliance"], engagement=cast["auditor"].engagements.get())
    assert "Birchwater" not in client.get("/patients/").content.decode()
    assert client.get(f"/patients/{audited.pk}/").status_code == 404
    with acting_in(cast.clinic):
        _open(cast, clock, audited)
    assert client.get(f"/patients/{audited.pk}/").status_code == 200
    clock.forward(days=1)
    lock_free = as_role("auditor")
    assert lock_free.get(f"/patients/{audited.pk}/").status_code == 404


@pytest.mark.parametrize("change", [{"months": []}, {"until": "early"}, {"patients": []}])
def test_it_refuses_an_audit_of_nothing_or_of_no_days(inside: Cast, clock: Clock, change: dict[str, Any]) -> None:
    if "until" in change:
        change = {"until": clock.at.date().replace(day=1)}
    said = {
        "name": "x", "since": clock.at.date(), "until": clock.at.date(), "patients": [inside.patient],
        "months": [Month.parse("2026-11")], **change,
    }  # fmt: skip
    with pytest.raises(EngagementRefused):
        open_engagement(acting_user=inside["compliance"], auditor=inside["auditor"], **said)
    with pytest.raises(EngagementRefused, match="no auditor"):
        open_engagement(acting_user=inside["compliance"], auditor=inside["nurse"], **said)


def test_the_compliance_officer_opens_an_audit_on_the_page(cast: Cast, as_role: Callable[[str], Client]) -> None:
    client = as_role("compliance")
    form = {
        "name": "Payer review", "auditor": cast["auditor"].pk, "since": "2026-11-18", "until": "2026-11-30",
        "first_month": "2026-10", "last_month": "2026-11", "patients": "p1 p7",
    }  # fmt: skip
    asked = client.post("/audit/audits/new/", form)
    wrong = client.post(asked.headers["Location"], {"password": WORD})
    assert wrong.status_code == 422
    assert "No patient has the id p7" in wrong.content.decode()
    assert client.post("/audit/audits/new/", {**form, "patients": "p1"}).status_code == 302
    page = client.get("/audit/audits/").content.decode()
    assert "Payer review" in page
    assert as_role("auditor").get(f"/patients/{cast.patient.pk}/").status_code == 200
    assert client.post(f"/audit/audits/{Engagement.everywhere.get().pk}/end/").status_code == 302
    assert as_role("auditor").get(f"/patients/{cast.patient.pk}/").status_code == 404


def test_the_privacy_officer_searches_by_patient_person_action_and_days(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    with acting_in(cast.clinic):
        record(acting_user=cast["nurse"], action="chart.read", patient=cast.patient, target=cast.patient)
        clock.forward(days=1)
        record(acting_user=cast["biller"], action="consent.recorded", patient=cast.patient, target=cast.patient)
    client = as_role("compliance")

    def found(**asked: Any) -> list[str]:
        return [event.action for event in client.get("/audit/", asked).context["page"]]

    both = ["consent.recorded", "chart.read"]
    assert found(patient="p1") == both
    assert found(patient="p9") == []
    assert found(person=cast["nurse"].user_id, patient="p1") == ["chart.read"]
    assert found(kind="reads") == ["chart.read"]
    assert found(kind="consent.") == ["consent.recorded"]
    assert found(patient="p1", since="2026-11-19") == ["consent.recorded"]
    assert found(patient="p1", until="2026-11-18") == ["chart.read"]
    assert found(q="given nurse", patient="p1") == ["chart.read"]


def test_the_export_says_what_the_search_found_and_runs_nothing_in_a_spreadsheet(
    cast: Cast, as_role: Callable[[str], Client]
) -> None:
    user = cast["nurse"].user
    user.first_name = "=HYPERLINK(1)"
    user.save()
    with acting_in(cast.clinic):
        record(acting_user=cast["nurse"], action="chart.read", patient=cast.patient, target=cast.patient)
    client = as_role("compliance")
    asked = client.get("/audit/export.csv?patient=p1")
    assert asked.status_code == 302
    client.post(asked.headers["Location"], {"password": WORD})
    sent = client.get("/audit/export.csv?patient=p1")
    table = list(csv.DictReader(io.StringIO(sent.content.decode())))
    assert [row["action"] for row in table] == ["chart.read"]
    assert table[0]["person"].startswith("'=HYPERLINK")
    assert table[0]["patient"] == "p1"
    assert AuditEvent.everywhere.filter(action="audit.exported").exists()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_a_plain_cell_stays_as_it_is() -> None:
    assert guarded("chart.read") == "chart.read"


def test_a_form_sent_too_often_is_refused_and_looking_is_free(cast: Cast, settings: Any) -> None:
    settings.CARELEDGER_RATES = {**settings.CARELEDGER_RATES, "upload": "2/m"}
    cache.clear()
    view = limited("upload")(lambda request: HttpResponse("taken"))

    def send(method: str, role: str, address: str) -> int:
        request = getattr(RequestFactory(REMOTE_ADDR=address), method)("/")
        request.user, request.membership, request.session = cast[role].user, cast[role], {}
        with acting_in(cast.clinic):
            return view(request).status_code

    assert [send("post", "biller", "10.0.0.1") for _ in range(3)] == [200, 200, 429]
    assert send("get", "biller", "10.0.0.1") == 200
    assert send("post", "biller", "10.0.0.2") == 429, "the same member from elsewhere"
    assert send("post", "administrator", "10.0.0.1") == 429, "someone else from the same address"
    assert send("post", "administrator", "10.0.0.3") == 200


def test_everyone_counts_together_in_the_database() -> None:
    from careledger.web import settings as house

    assert "DatabaseCache" in house.CACHES["default"]["BACKEND"]


@pytest.fixture
def boss(cast: Cast, as_role: Callable[[str], Client]) -> Client:
    """An administrator who has just said who they are."""
    cache.clear()
    client = as_role("administrator")
    client.post("/account/reauthenticate/", {"password": WORD})
    return client


def test_a_new_user_changes_the_first_passphrase_before_anything_opens(cast: Cast, boss: Client) -> None:
    form = {"email": "New@lakeside.example", "first_name": "Noa", "last_name": "Newly", "role": "biller", "person": ""}
    page = boss.post("/access/users/new/", form).content.decode()
    word = page.split('id="word" readonly value="')[1].split('"')[0]
    client = Client()
    client.post("/account/login/", {"login": "new@lakeside.example", "password": word})
    assert client.get("/month/").headers["Location"] == "/account/password/change/"
    own = "another passphrase of hers"
    client.post("/account/password/change/", {"oldpassword": word, "password1": own, "password2": own})
    assert client.get("/month/").status_code == 200
    assert word not in boss.get("/access/users/").content.decode()
    assert word not in str(list(AuditEvent.everywhere.values_list("after", flat=True)))
    again = boss.post("/access/users/new/", form)
    assert (again.status_code, "has a user already" in again.content.decode()) == (422, True)


def test_another_role_takes_hold_at_once_and_signs_out(cast: Cast, boss: Client) -> None:
    client = Client()
    client.post("/account/login/", {"login": "biller@lakeside.example", "password": WORD})
    assert client.get("/oversight/").status_code == 200
    path = f"/access/users/{cast['biller'].pk}/"
    assert boss.post(path, {"role": "nurse", "person": ""}).status_code == 422, "who logs time is a person"
    assert boss.post(path, {"role": "auditor", "person": ""}).status_code == 302
    assert client.get("/oversight/").headers["Location"].startswith("/account/login/")
    event = AuditEvent.everywhere.get(action="user.changed")
    assert (event.before["role"], event.after["role"]) == ("biller", "auditor")


def test_who_leaves_is_out_at_once_and_nobody_shuts_the_last_administrator_out(cast: Cast, boss: Client) -> None:
    client = Client()
    client.post("/account/login/", {"login": "nurse@lakeside.example", "password": WORD})
    assert boss.post(f"/access/users/{cast['nurse'].pk}/active/").status_code == 302
    assert client.get("/").status_code == 302
    assert client.post("/account/login/", {"login": "nurse@lakeside.example", "password": WORD}).status_code == 302
    assert client.get("/").status_code == 403
    own = f"/access/users/{cast['administrator'].pk}/"
    assert "another administrator" in boss.post(own, {"role": "biller", "person": ""}).content.decode()
    boss.post(f"{own}active/")
    cast["administrator"].refresh_from_db()
    assert cast["administrator"].is_active


def test_a_lost_second_factor_is_reset_by_an_administrator(cast: Cast, boss: Client) -> None:
    user = cast["nurse"].user
    TOTP.activate(user, generate_totp_secret())
    page = boss.post(f"/access/users/{cast['nurse'].pk}/reset/").content.decode()
    word = page.split('id="word" readonly value="')[1].split('"')[0]
    assert not Authenticator.objects.filter(user=user).exists()
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": word})
    assert client.get("/").headers["Location"] == "/account/password/change/"


def test_users_of_another_organisation_are_out_of_reach(cast: Cast, boss: Client) -> None:
    for rest in ("", "active/", "reset/"):
        assert boss.post(f"/access/users/{cast.stranger.pk}/{rest}").status_code == 404
    assert "hillcrest" not in boss.get("/access/users/").content.decode()


def test_a_role_change_asks_again(cast: Cast, as_role: Callable[[str], Client]) -> None:
    answer = as_role("administrator").post(f"/access/users/{cast['biller'].pk}/", {"role": "auditor", "person": ""})
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    cast["biller"].refresh_from_db()
    assert cast["biller"].role == "biller"


def test_whatever_tells_of_a_patient_is_cut_down_for_an_auditor(cast: Cast, audited: Patient) -> None:
    from django.apps import apps

    from careledger.web.audit.engagements import narrowed
    from careledger.web.tenancy.scope import OrganisationRow

    seen = []
    with acting_in(cast.clinic), narrowed(cast["auditor"]):
        for model in (one for one in apps.get_models() if issubclass(one, OrganisationRow)):
            path = model.patient_path or ("patient" if hasattr(model, "patient") else None)
            if path is None:
                assert model.for_auditors or model in (Patient, AuditEvent) or not model.objects.exists(), model
                continue
            assert not model.objects.filter(**{path: cast.patient}).exists(), model
            seen += [model.__name__ for _ in model.objects.filter(**{path: audited})[:1]]
    assert {"Consent", "CarePlan", "Visit", "TimeEntry", "Standing"} <= set(seen)


def test_a_locked_session_leaves_every_way_to_say_who_one_is_open() -> None:
    for name in (
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_logout",
        "unlock",
    ):
        assert reverse(name).startswith(lock._OPEN), name
    for name in ("today", "users", "mfa_index", "account_change_password", "usersessions_list", "timer"):
        assert not reverse(name).startswith(lock._OPEN), name
