"""The idle lock, asking again, sessions, second factors, limits, one audit at a time, the export of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock

from careledger.web.accounts import lock
from careledger.web.audit.models import AuditEvent
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
