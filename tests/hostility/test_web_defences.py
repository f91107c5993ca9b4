"""What a browser, a proxy or a stranger may try at the door: hosts, redirects, cookies, fixed sessions, forged and extra fields."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.test_doors import VIEWS, arguments

from careledger.web import settings as house
from careledger.web.accounts.models import Membership, User
from careledger.web.accounts.passphrases import LengthLimit
from careledger.web.accounts.roles import may
from careledger.web.api.tokens import find_token, hash_of, make_token
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.models import TimeEntry

LOGIN = {"login": "nurse@lakeside.example", "password": "a passphrase for tests"}
ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example")


@pytest.fixture
def behind_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[ModuleType]:
    """The settings of a real install, read anew."""
    for name in ("CARELEDGER_DEMO", "CARELEDGER_HTTPS", "CARELEDGER_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    yield importlib.reload(house)
    monkeypatch.undo()
    importlib.reload(house)


def test_a_real_install_is_shut_by_default(behind_tls: ModuleType) -> None:
    assert not behind_tls.DEBUG
    assert behind_tls.MFA_REQUIRED
    assert behind_tls.SECURE_SSL_REDIRECT
    assert behind_tls.SECURE_HSTS_SECONDS >= 31_536_000
    assert behind_tls.SESSION_COOKIE_SECURE
    assert behind_tls.CSRF_COOKIE_SECURE
    assert behind_tls.SESSION_COOKIE_NAME.startswith("__Host-")
    assert behind_tls.CSRF_COOKIE_NAME.startswith("__Host-")
    assert behind_tls.SECURE_PROXY_SSL_HEADER is None, "a header of anyone's is not believed without a proxy"
    assert "console" not in behind_tls.EMAIL_BACKEND
    assert behind_tls.ALLOWED_HOSTS == ["localhost", "127.0.0.1", "[::1]"]
    assert not set(behind_tls.INSTALLED_APPS) & {"django.contrib.admin", "debug_toolbar"}


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "a b"])
def test_another_host_is_refused_before_anything(cast: Cast, as_role: Callable[[str], Client], host: str) -> None:
    answer = as_role("nurse").get("/patients/", headers={"Host": host})
    assert answer.status_code == 400
    assert b"Amberlake" not in answer.content


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_leads_nowhere_else(cast: Cast, where: str) -> None:
    cache.clear()
    client = Client()
    answer = client.post(f"/account/login/?next={where}", {**LOGIN, "next": where})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("where", ELSEWHERE)
def test_saying_again_who_one_is_leads_nowhere_else(cast: Cast, as_role: Callable[[str], Client], where: str) -> None:
    cache.clear()
    answer = as_role("nurse").post("/account/reauthenticate/", {"password": LOGIN["password"], "next": where})
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]
    assert not answer.headers["Location"].startswith("javascript")


def test_a_session_fixed_before_signing_in_is_not_the_one_after(cast: Cast) -> None:
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies[house.SESSION_COOKIE_NAME] = session.session_key
    client.post("/account/login/", LOGIN)
    assert client.cookies[house.SESSION_COOKIE_NAME].value != session.session_key
    stale = Client()
    stale.cookies[house.SESSION_COOKIE_NAME] = session.session_key
    assert stale.get("/patients/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(cast: Cast) -> None:
    client = Client()
    client.post("/account/login/", LOGIN)
    kept = client.cookies[house.SESSION_COOKIE_NAME].value
    assert client.get("/patients/").status_code == 200
    client.post("/account/logout/")
    thief = Client()
    thief.cookies[house.SESSION_COOKIE_NAME] = kept
    assert thief.get("/patients/").status_code == 302


def test_cookies_are_kept_from_scripts_and_other_sites(cast: Cast) -> None:
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", LOGIN)
    for name in (house.SESSION_COOKIE_NAME, house.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name


def test_every_writing_view_refuses_a_forged_form(cast: Cast, clock: Clock) -> None:
    client = Client(enforce_csrf_checks=True)
    for role in ("nurse", "biller", "administrator", "compliance", "practitioner"):
        client.force_login(cast[role].user, backend="allauth.account.auth_backends.AuthenticationBackend")
        for name, view in VIEWS:
            if may(role, view.permission):
                assert client.post(reverse(name, kwargs=arguments(name, cast))).status_code == 403, name
    assert not any(getattr(view, "csrf_exempt", False) for _, view in VIEWS)


@pytest.mark.parametrize(
    "path", ["/", "/account/login/", "/patients/", "/nowhere/", "/api/patients", "/api/openapi.json"]
)
def test_every_answer_tells_the_browser_what_not_to_do(cast: Cast, as_role: Callable[[str], Client], path: str) -> None:
    headers = as_role("nurse").get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert "charset" in headers["Content-Type"] or headers["Content-Type"].endswith("json")
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(headers)


def test_a_form_takes_no_field_it_does_not_show(cast: Cast, as_role: Callable[[str], Client]) -> None:
    cache.clear()
    boss = as_role("administrator")
    boss.post("/account/reauthenticate/", {"password": LOGIN["password"]})
    form = {"email": "new@lakeside.example", "first_name": "Noa", "last_name": "Newly", "role": "biller", "person": ""}
    more = {
        "is_superuser": "on",
        "is_staff": "on",
        "organisation": cast.elsewhere.pk,
        "password": "chosen by a stranger",
    }
    assert boss.post("/access/users/new/", {**form, **more}).status_code == 200
    made = Membership.objects.select_related("user").get(user__email="new@lakeside.example")
    assert (made.organisation, made.role) == (cast.clinic, "biller")
    assert not made.user.is_superuser
    assert not made.user.is_staff
    assert not made.user.check_password("chosen by a stranger")


def test_time_is_logged_in_ones_own_name_and_house_whatever_a_form_says(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    form = {
        "program": "ccm", "on": clock.at.strftime("%Y-%m-%d"), "start": "09:00", "end": "09:20", "activity": "call_patient",
        "note": "Called.", "by": "dr-1", "patient": cast.foreign_patient.pk, "organisation": cast.elsewhere.pk,
        "seconds": 99_999, "recorded_s": 1,
    }  # fmt: skip
    as_role("nurse").post(f"/time/patient/{cast.patient.pk}/", form)
    entry = TimeEntry.everywhere.select_related("by").get()
    assert (entry.by.code, entry.patient_id, entry.organisation_id) == ("rn-1", cast.patient.pk, cast.clinic.pk)
    assert (entry.length_s, entry.recorded_s) == (1200, clock.s)


@pytest.mark.parametrize(
    "tail", ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "....//etc/passwd", "%00", "C:\\x", "~root"]
)
def test_no_address_leaves_its_place(cast: Cast, as_role: Callable[[str], Client], tail: str) -> None:
    for role, starts in {
        "biller": ("/claims/batch/", "/claims/claim/", "/claims/remittances/"),
        "compliance": ("/oversight/export/", "/oversight/measure/", "/library/article/", "/library/"),
        "nurse": ("/static/careledger/", "/static/"),
    }.items():
        client = as_role(role)
        for start in starts:
            answer = client.get(f"{start}{tail}/")
            assert answer.status_code in (302, 400, 403, 404, 405), (start, tail)
            assert b"root:" not in answer.content


def test_a_name_in_a_header_ends_no_header() -> None:
    from careledger.web.oversight.exports import csv_answer, pdf_answer
    from careledger.web.revenue.downloads import handed

    hostile = "..\r\nSet-Cookie: a=b\"; filename*=UTF-8''x.html/../é"
    for answer in (csv_answer(hostile, ["a"], []), pdf_answer(hostile, b""), handed(b"", hostile, "text/plain")):
        told = answer.headers["Content-Disposition"]
        assert re.fullmatch(r'(attachment|inline); filename="[A-Za-z0-9_-][A-Za-z0-9._-]*"', told)
        assert "Set-Cookie" not in answer.headers


def test_passphrases_are_hashed_slowly_with_a_salt_each(settings: Any) -> None:
    settings.PASSWORD_HASHERS = importlib.import_module("django.conf.global_settings").PASSWORD_HASHERS
    assert not hasattr(house, "PASSWORD_HASHERS"), "Django's own first choice holds"
    hasher = get_hasher()
    assert (hasher.algorithm, hasher.iterations >= 600_000) == ("pbkdf2_sha256", True)
    one, two = User(), User()
    for user in (one, two):
        user.set_password("the same passphrase")
    assert one.password != two.password
    assert "the same" not in one.password
    assert identify_hasher(one.password).algorithm == "pbkdf2_sha256"
    assert len(one.password.split("$")[2]) >= 22


@pytest.mark.parametrize(("word", "is_taken"), [
    ("x7 q" * 32, True), ("x7 q" * 32 + "z", False), ("password1234", False), ("qwertyuiop12", False), ("short", False),
    ("nurse@lakeside", False), ("Ümlaut und Äpfel 🍏", True), ("correct horse battery", True),
])  # fmt: skip
def test_what_a_passphrase_may_be(cast: Cast, word: str, is_taken: bool, settings: Any) -> None:
    from django.contrib.auth.password_validation import validate_password

    settings.AUTH_PASSWORD_VALIDATORS = house.AUTH_PASSWORD_VALIDATORS
    try:
        validate_password(word, cast["nurse"].user)
    except ValidationError:
        assert not is_taken
    else:
        assert is_taken
    assert str(128) in LengthLimit().get_help_text()


def test_a_token_is_found_by_its_hash_and_by_nothing_less(inside: Cast) -> None:
    """No comparison runs over the secret itself: the database is asked for a hash, which tells nothing of how near a guess is."""
    row, plain = make_token(acting_user=inside["nurse"], name="x", scopes=["patients:read"], days=1)
    assert find_token(plain) is not None
    for guess in (plain[:-1], plain + "x", plain.swapcase(), row.hash, f"clt_{row.hash}", "clt_", "", f" {plain}"):
        assert find_token(guess) is None
    assert row.hash == hash_of(plain)
    assert len(plain) >= 4 + 43, "256 random bits"


def test_nobody_learns_whether_an_address_has_a_user(cast: Cast) -> None:
    cache.clear()
    told = [
        Client().post("/account/login/", {"login": email, "password": "a wrong guess"}).content
        for email in ("nurse@lakeside.example", "nobody@lakeside.example")
    ]
    plain = [re.sub(rb'value="[^"]*"|nonce="[^"]*"', b"", one) for one in told]
    assert plain[0] == plain[1]
    page = Client().post("/account/password/reset/", {"email": "nurse@lakeside.example"})
    other = Client().post("/account/password/reset/", {"email": "nobody@lakeside.example"})
    assert (page.status_code, page.headers["Location"]) == (other.status_code, other.headers["Location"])


def test_a_lost_passphrase_sends_no_link_where_nobody_reads_mail(
    cast: Cast, settings: Any, mailoutbox: list[Any]
) -> None:
    page = Client().get("/account/password/reset/").content.decode()
    assert "An administrator of your practice" in page
    Client().post("/account/password/reset/", {"email": "nurse@lakeside.example"})
    assert mailoutbox == []
    settings.HAS_MAIL = True
    Client().post("/account/password/reset/", {"email": "nurse@lakeside.example"})
    (sent,) = mailoutbox
    assert sent.to == ["nurse@lakeside.example"]
    assert LOGIN["password"] not in sent.body


def test_a_page_shows_markup_of_others_as_text(cast: Cast, as_role: Callable[[str], Client]) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with acting_in(cast.clinic):
        Patient.objects.filter(pk=cast.patient.pk).update(family_name=hostile, given_name='"><svg onload=alert(1)>')
    client = as_role("nurse")
    for path in ("/patients/", f"/patients/{cast.patient.pk}/", "/?whose=all", f"/patients/?q={hostile}"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "<svg onload" not in page, path


def test_a_changed_passphrase_ends_every_other_session(cast: Cast) -> None:
    cache.clear()
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/account/login/", LOGIN)
    own = "quite another passphrase"
    here.post("/account/password/change/", {"oldpassword": LOGIN["password"], "password1": own, "password2": own})
    assert here.get("/patients/").status_code == 200
    assert there.get("/patients/").headers["Location"].startswith("/account/login/")


def test_a_code_opens_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([59_000_000]))  # half a minute that stands
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(cast["nurse"].user, secret)
    code = totp.format_hotp_value(totp.hotp_value(secret, 59_000_000))
    places = []
    for _ in range(2):
        client = Client()
        client.post("/account/login/", LOGIN)
        client.post("/account/2fa/authenticate/", {"code": code})
        places.append(client.get("/patients/").status_code)
    assert places == [200, 302]


@pytest.mark.parametrize(
    "path",
    [
        "Patient",
        "Patient/1",
        "Patient/..%2f1",
        "Patient?_count=99999999999999999999",
        "Patient?name=%00",
        "$export",
        "nowhere",
    ],
)
def test_the_fhir_server_tells_a_stranger_nothing_and_breaks_at_nothing(cast: Cast, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer " + "x" * 5000}, {"Authorization": "Basic bnVyc2U6eA=="}):
        answer = Client().get(f"/fhir/{path}", headers=headers)
        assert answer.status_code in (401, 404), answer.status_code
        assert b"Amberlake" not in answer.content
        assert json.loads(answer.content)["resourceType"] == "OperationOutcome"
    assert Client().get("/fhir/metadata").json()["resourceType"] == "CapabilityStatement"
