"""Signing in: the second factor, the closed door, what stands in the log, what the browser is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from tests.web.cast import Cast

from careledger.web.audit.models import AuditEvent

LOGIN = {"login": "nurse@lakeside.example", "password": "a passphrase for tests"}


def test_it_signs_in_and_notes_it(cast: Cast) -> None:
    client = Client()
    answer = client.post("/account/login/", LOGIN)
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert AuditEvent.everywhere.filter(action="session.began", who="Given Nurse").count() == 1


def test_it_notes_a_wrong_passphrase_without_repeating_it(cast: Cast) -> None:
    answer = Client().post("/account/login/", {**LOGIN, "password": "a wrong guess"})
    assert answer.status_code == 200
    (event,) = AuditEvent.everywhere.filter(action="session.refused")
    assert event.who == "Given Nurse"
    assert "a wrong guess" not in str(vars(event))


def test_it_lets_nobody_sign_up(cast: Cast) -> None:
    page = Client().get("/account/signup/")
    assert b'name="password1"' not in page.content


def test_it_opens_nothing_before_a_second_factor_is_set_up(
    cast: Cast, settings: Any, as_role: Callable[[str], Client]
) -> None:
    settings.MFA_REQUIRED = True
    client = as_role("nurse")
    for path in ("/", "/patients/", f"/patients/{cast.patient.pk}/", "/month/", "/settings/api/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"] == "/account/2fa/"
    assert client.get("/api/patients").status_code == 401
    TOTP.activate(cast["nurse"].user, generate_totp_secret())
    assert client.get("/").status_code == 200


def test_it_asks_for_the_code_of_who_has_one(cast: Cast) -> None:
    TOTP.activate(cast["nurse"].user, generate_totp_secret())
    client = Client()
    assert client.post("/account/login/", LOGIN).headers["Location"] == "/account/2fa/authenticate/"
    assert client.get("/").headers["Location"].startswith("/account/login/")
    assert Authenticator.objects.filter(user=cast["nurse"].user, type="totp").exists()


def test_it_closes_the_door_to_a_member_who_left(cast: Cast, as_role: Callable[[str], Client]) -> None:
    client = as_role("nurse")
    assert client.get("/").status_code == 200
    cast["nurse"].is_active = False
    cast["nurse"].save()
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("path", ["/", "/account/login/", "/patients/"])
def test_it_tells_the_browser_to_trust_nothing_else(cast: Cast, as_role: Callable[[str], Client], path: str) -> None:
    headers = as_role("nurse").get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]
