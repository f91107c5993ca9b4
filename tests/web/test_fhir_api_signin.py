"""Programs that sign in by their keys: registered, proven, bounded by scope and role, and ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.fhir_calls import Caller, Program

from careledger.fhir.server.login import ServerError
from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api import keys
from careledger.web.fhir_api.clients import ClientRefused, register_client, revoke_client
from careledger.web.fhir_api.keys import KeysRefused, checked_address, checked_keys
from careledger.web.fhir_api.models import AccessToken, BackendClient, SeenAssertion
from careledger.web.tenancy.scope import acting_in

PROGRAM = Program()
OTHER = Program()
ADDRESS = "https://program.example/jwks.json"


@pytest.fixture
def program(cast: Cast) -> Program:
    """A program that acts for the compliance officer and may read everything."""
    cache.clear()
    registered(cast, "compliance", PROGRAM)
    return PROGRAM


def registered(cast: Cast, role: str, program: Program, scopes: tuple[str, ...] = ("system/*.rs",)) -> BackendClient:
    with acting_in(cast.clinic):
        row = register_client(acting_user=cast[role], name="reports", scopes=scopes, jwks=program.jwks)
    program.id = row.client_id
    return row


def patients(plain: str) -> Any:
    return Client().get("/fhir/Patient", headers={"Authorization": f"Bearer {plain}"})


def test_a_signed_assertion_opens_the_server_for_five_minutes(cast: Cast, clock: Clock, program: Program) -> None:
    answer = program.sign_in(program.assertion(clock))
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "bearer", 300)
    assert (told["scope"], answer.headers["Cache-Control"]) == ("system/*.rs", "no-store")
    assert told["access_token"].startswith("clf_")
    assert patients(told["access_token"]).json()["total"] == 1
    assert Client().get("/api/patients", headers={"Authorization": f"Bearer {told['access_token']}"}).status_code == 401
    clock.forward(minutes=4, seconds=59)
    assert patients(told["access_token"]).status_code == 200
    clock.forward(seconds=2)
    assert patients(told["access_token"]).status_code == 401


def test_keys_on_p384_sign_too(cast: Cast, clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    with acting_in(cast.clinic):
        row = register_client(
            acting_user=cast["compliance"], name="x", scopes=["system/*.rs"], jwks={"keys": [{**public, "kid": "k1"}]}
        )
    caller = Program()
    caller.id = row.client_id
    assert caller.sign_in(caller.assertion(clock, algorithm="ES384", key=key)).status_code == 200


@pytest.mark.parametrize(
    ("claims", "options"),
    [
        ({"aud": "http://testserver/fhir"}, {}),
        ({"aud": "https://evil.example/token"}, {}),
        ({"sub": "someone"}, {}),
        ({"iss": "someone"}, {}),
        ({"iss": "someone", "sub": "someone"}, {}),
        ({"exp": -20}, {}),
        ({"exp": 3600}, {}),
        ({"exp": None}, {}),
        ({"jti": None}, {}),
        ({}, {"algorithm": "RS256"}),
        ({}, {"key": OTHER.key}),
        ({}, {"algorithm": "HS256", "key": "a secret of thirty-two characters or more"}),
    ],
)
def test_what_proves_nothing_is_refused_in_the_same_words(
    cast: Cast, clock: Clock, program: Program, claims: dict[str, Any], options: dict[str, Any]
) -> None:
    if isinstance(claims.get("exp"), int):
        claims = {"exp": clock.s + claims["exp"]}
    answer = program.sign_in(program.assertion(clock, **options, **claims))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"] == "the assertion proves no client that is registered here"
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "ey" * 5000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_assertion_is_refused(cast: Cast, program: Program, text: str) -> None:
    assert program.sign_in(text).json()["error"] == "invalid_client"


def test_an_unsigned_assertion_is_refused(cast: Cast, clock: Clock, program: Program) -> None:
    claims = {
        "iss": program.id,
        "sub": program.id,
        "aud": "http://testserver/fhir/auth/token",
        "exp": clock.s + 60,
        "jti": "n",
    }
    assert program.sign_in(jwt.encode(claims, None, "none")).status_code == 401


def test_an_assertion_is_good_once(cast: Cast, clock: Clock, program: Program) -> None:
    assertion = program.assertion(clock, jti="once")
    assert program.sign_in(assertion).status_code == 200
    again = program.sign_in(assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert program.sign_in(program.assertion(clock, jti="twice")).status_code == 200
    clock.forward(minutes=20)
    assert program.sign_in(program.assertion(clock, jti="later")).status_code == 200
    assert SeenAssertion.objects.count() == 1, "those that are over are forgotten"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "system/Patient.cu"}, "invalid_scope"),
        ({"scope": "patient/*.rs launch"}, "invalid_scope"),
    ],
)
def test_forms_that_are_wrong_say_oauths_error(
    cast: Cast, clock: Clock, program: Program, form: dict[str, str], error: str
) -> None:
    answer = program.sign_in(program.assertion(clock), **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_token_is_asked_for_by_post(cast: Cast) -> None:
    assert Client().get("/fhir/auth/token").status_code == 405


def test_it_grants_no_more_than_was_registered_and_bounds_by_the_role(cast: Cast, clock: Clock) -> None:
    registered(cast, "nurse", PROGRAM, ("system/Patient.rs", "system/Goal.rs"))
    asked = "system/Patient.rs system/Goal.read system/Condition.rs system/*.rs"
    told = PROGRAM.sign_in(PROGRAM.assertion(clock), asked).json()
    assert told["scope"] == "system/Patient.rs system/Goal.read"
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert Client().get("/fhir/Condition", headers=bearer).status_code == 403
    assert Client().get("/fhir/$export", headers={**bearer, "Prefer": "respond-async"}).status_code == 403
    cast["nurse"].role = "administrator"
    cast["nurse"].save()
    assert patients(told["access_token"]).status_code == 403
    cast["nurse"].role = "auditor"
    cast["nurse"].save()
    assert patients(told["access_token"]).status_code == 401
    assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti="x")).status_code == 401


def test_it_ends_with_its_revocation_and_with_its_owner(cast: Cast, clock: Clock, program: Program) -> None:
    plain = program.sign_in(program.assertion(clock)).json()["access_token"]
    with acting_in(cast.clinic):
        revoke_client(acting_user=cast["compliance"], client=BackendClient.objects.get())
    assert patients(plain).status_code == 401
    assert program.sign_in(program.assertion(clock, jti="x")).status_code == 401
    registered(cast, "compliance", PROGRAM)
    plain = PROGRAM.sign_in(PROGRAM.assertion(clock, jti="y")).json()["access_token"]
    cast["compliance"].is_active = False
    cast["compliance"].save()
    assert patients(plain).status_code == 401
    assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti="z")).status_code == 401


def test_a_stranger_reads_the_strangers_patients_only(cast: Cast, clock: Clock) -> None:
    with acting_in(cast.elsewhere):
        row = register_client(acting_user=cast.stranger, name="x", scopes=["system/*.rs"], jwks=OTHER.jwks)
    OTHER.id = row.client_id
    plain = OTHER.sign_in(OTHER.assertion(clock)).json()["access_token"]
    assert [one["resource"]["name"][0]["family"] for one in patients(plain).json()["entry"]] == ["Elsewhere"]


def test_wrong_sign_ins_are_slowed_down(cast: Cast, clock: Clock, program: Program, settings: Any) -> None:
    settings.CARELEDGER_RATES = {**settings.CARELEDGER_RATES, "api_wrong": "2/m"}
    statuses = [program.sign_in("a.b.c").status_code for _ in range(4)]
    assert statuses == [401, 401, 429, 429]


def test_only_hashes_are_kept(cast: Cast, clock: Clock, program: Program) -> None:
    plain = program.sign_in(program.assertion(clock)).json()["access_token"]
    row = AccessToken.objects.get()
    assert plain not in json.dumps({name: str(value) for name, value in vars(row).items()})
    with acting_in(cast.clinic):
        event = AuditEvent.objects.get(action="fhir.client.registered")
    assert event.after["client_id"] == program.id


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"keys": []}, "no key to sign in with"),
        ({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "private or secret"),
        ({"keys": [{**PROGRAM.jwks["keys"][0], "d": "AQAB"}]}, "private or secret"),
        ({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}, "no key to sign in with"),
        ({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}, "no key to sign in with"),
        ({"keys": [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]}, "cannot be read"),
        ({"keys": [{**PROGRAM.jwks["keys"][0], "use": "enc"}]}, "no key to sign in with"),
        ([1], "no key to sign in with"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(told: Any, says: str) -> None:
    with pytest.raises(KeysRefused, match=says):
        checked_keys(told)


@pytest.mark.parametrize(
    "url",
    [
        "http://program.example/jwks.json", "https://127.0.0.1/jwks.json", "https://[::1]/jwks.json", "https://localhost/x",
        "https://10.0.0.7/jwks.json", "https://169.254.169.254/latest", "https://user:word@program.example/", "file:///etc/passwd",
        "https://program.example:99999/", "https://[bad", "https://" + "a" * 70 + ".example/",
    ],
)  # fmt: skip
def test_keys_are_not_fetched_from_our_own_network(url: str) -> None:
    with pytest.raises(KeysRefused):
        checked_address(url)


def test_keys_behind_an_address_are_fetched_and_kept_for_a_while(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    cache.clear()
    settings.FHIR_KEYS_FROM_ANYWHERE = True
    asked: list[str] = []

    def read(method: str, url: str, **_: Any) -> Any:
        assert method == "GET"
        asked.append(url)
        if len(asked) > 2:
            raise ServerError("silent")
        return PROGRAM.jwks

    monkeypatch.setattr(keys, "bounded_json", read)
    with acting_in(cast.clinic):
        row = register_client(acting_user=cast["compliance"], name="x", scopes=["system/*.rs"], jwks_url=ADDRESS)
    PROGRAM.id = row.client_id
    for jti in ("a", "b"):
        assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti=jti)).status_code == 200
    assert asked == [ADDRESS]
    cache.clear()
    assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti="c")).status_code == 200
    cache.clear()
    assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti="d")).status_code == 401, "the address is silent"


@pytest.mark.parametrize(
    ("role", "more"),
    [
        ("compliance", {"name": " "}),
        ("compliance", {"scopes": []}),
        ("compliance", {"scopes": ["system/*.cruds"]}),
        ("administrator", {"scopes": ["system/*.rs"]}),
        ("biller", {"scopes": ["system/Patient.cu"]}),
        ("compliance", {"jwks": None}),
        ("compliance", {"jwks_url": ADDRESS}),
    ],
)
def test_a_program_is_registered_whole_or_not(cast: Cast, role: str, more: dict[str, Any]) -> None:
    told = {"name": "x", "scopes": ["system/*.rs"], "jwks": PROGRAM.jwks, **more}
    with acting_in(cast.clinic), pytest.raises(ClientRefused):
        register_client(acting_user=cast[role], **told)


def test_the_page_registers_after_asking_again_and_lists_and_ends(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client]
) -> None:
    client = as_role("compliance")
    form = {"name": "reports", "scopes": ["system/*.rs"], "jwks": json.dumps(PROGRAM.jwks)}
    asked = client.post("/settings/fhir/new/", form)
    assert asked.headers["Location"].split("?")[0] == "/account/reauthenticate/"
    made = client.post(asked.headers["Location"], {"password": "a passphrase for tests"})
    assert made.headers["Location"] == "/settings/fhir/"
    row = BackendClient.objects.get()
    page = client.get("/settings/fhir/").content.decode()
    assert row.client_id in page
    for wrong in (
        {"jwks": "{"},
        {"jwks": ""},
        {"scopes": []},
        {"jwks": '{"keys": []}'},
        {"jwks_url": "http://x.example/j"},
    ):
        assert client.post("/settings/fhir/new/", {**form, **wrong}).status_code == 422, wrong
    PROGRAM.id = row.client_id
    assert PROGRAM.sign_in(PROGRAM.assertion(clock)).status_code == 200
    assert as_role("nurse").post(f"/settings/fhir/{row.pk}/revoke/").status_code == 404
    assert as_role("stranger").post(f"/settings/fhir/{row.pk}/revoke/").status_code == 404
    assert as_role("administrator").post(f"/settings/fhir/{row.pk}/revoke/").status_code == 302
    assert PROGRAM.sign_in(PROGRAM.assertion(clock, jti="x")).status_code == 401


def test_a_token_of_one_patient_opens_no_other_door(cast: Cast) -> None:
    call = Caller(cast)
    for path in ("/api/patients", f"/api/patients/{cast.patient.pk}"):
        assert call("nurse", path, scopes=("patients:read",)).status_code == 200
        bound = call("nurse", path, scopes=("patients:read", "patient/*.rs"), patient=cast.patient)
        assert bound.status_code == 403
        assert b"Amberlake" not in bound.content
