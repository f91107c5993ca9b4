"""The API: every route with the whole cast, every scope, a stranger and nobody; its errors; its document."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.cache import cache
from django.test import Client
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.test_revenue import october

from careledger.cli.check import check
from careledger.library.ask.answer import ask as library_ask
from careledger.web.accounts.roles import ROLES, may
from careledger.web.api.models import ApiToken
from careledger.web.api.scopes import SCOPES
from careledger.web.api.service import api
from careledger.web.api.tokens import TokenRefused, make_token, revoke_token
from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Consent
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.timers.models import TimeEntry
from careledger.web.work.actions import do_all

__all__ = ["october"]
ALL = [*(role for role, _ in ROLES), "stranger"]
CASE = Path("examples/first_case.yaml")


def routes() -> Iterator[tuple[str, str, str]]:
    """(method, path, scope) of every route."""
    for path, item in api.get_openapi_schema()["paths"].items():
        for method in item:
            yield method, path, _scope_of(method, path)


def _scope_of(method: str, path: str) -> str:
    for prefix, router in api._routers:
        for template, view in router.path_operations.items():
            full = f"/api/{prefix.strip('/')}/{template.strip('/')}".rstrip("/").replace("//", "/")
            if full.replace("int:", "") == path.rstrip("/"):
                for operation in view.operations:
                    if method.upper() in operation.methods:
                        return operation.auth_callbacks[0].scope
    raise AssertionError(f"{method} {path} has no door")


ROUTES = sorted(routes())


def _token(cast: Cast, role: str, scopes: tuple[str, ...]) -> str:
    """A token made by hand, so that even a scope the role could not give is on it."""
    member = cast.stranger if role == "stranger" else cast[role]
    with acting_in(member.organisation):
        held = [name for name, scope in SCOPES.items() if may(member.role, scope.permission)]
        row, plain = make_token(acting_user=member, name="a test", scopes=held, days=1)
        ApiToken.objects.filter(pk=row.pk).update(scopes=" ".join(scopes))
    return plain


@pytest.fixture
def call(cast: Cast) -> Callable[..., Any]:
    """Calls the API as a role with scopes."""
    known: dict[Any, str] = {}
    cache.clear()

    def send(role: str, method: str, path: str, data: Any = None, scopes: tuple[str, ...] = tuple(SCOPES)) -> Any:
        key = (role, scopes)
        if key not in known:
            known[key] = _token(cast, role, scopes)
        more: dict[str, Any] = {"headers": {"Authorization": f"Bearer {known[key]}"}}
        if data is not None:
            more |= {"data": data if isinstance(data, bytes) else json.dumps(data), "content_type": "application/json"}
        return getattr(Client(), method)(path, **more)

    return send


@pytest.fixture
def entry(cast: Cast, clock: Clock) -> TimeEntry:
    with acting_in(cast.clinic):
        return log_time(
            acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=clock.s - 7200,
            end_s=clock.s - 6600, activity="call_patient", note="Reviewed the plan.",
        )  # fmt: skip


def _filled(path: str, cast: Cast, entry: TimeEntry) -> str:
    with acting_in(cast.clinic):
        consent = Consent.objects.get(patient=cast.patient)
    for name, value in {
        "patient_id": cast.patient.pk, "consent_id": consent.pk, "entry_pk": entry.pk, "month": "2026-11"
    }.items():  # fmt: skip
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _body(path: str, clock: Clock) -> Any:
    worked = {
        "start": (clock.at - timedelta(minutes=40)).isoformat(), "end": (clock.at - timedelta(minutes=30)).isoformat()
    }  # fmt: skip
    covers = ["availability", "cost_sharing", "one_practitioner", "right_to_stop"]
    consent = {"program": "ccm", "given_on": "2026-11-01", "form": "verbal", "practitioner": "dr-2", "covers": covers}
    bodies = {
        "consents": consent,
        "revocation": {"on": "2026-11-02"},
        "statuses": {"program": "ccm", "status": "ineligible", "on": "2026-11-02"},
        "enrolments": {"program": "bhi", "started_on": "2026-11-02"},
        "time": {**worked, "activity": "call_patient", "note": "Called."},
        "void": {"reason": "wrong patient"},
        "correction": {**worked, "activity": "call_patient", "note": "Called.", "reason": "wrong times"},
        "check": CASE.read_bytes(),
        "ask": {"question": "How many minutes does CCM need?"},
    }
    return bodies[path.rstrip("/").rpartition("/")[2]]


def test_it_has_a_route_for_everything_named_in_the_issue() -> None:
    paths = {path for _, path, _ in ROUTES}
    for word in ("patients", "consents", "time", "plans", "decisions", "claims", "check", "ask"):
        assert any(word in path for path in paths), word


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES, ids=[f"{m} {p}" for m, p, _ in ROUTES])
def test_every_route_opens_to_role_and_scope_together_and_to_nobody_else(
    cast: Cast, clock: Clock, call: Callable[..., Any], entry: TimeEntry, method: str, path: str, scope: str
) -> None:
    filled = _filled(path, cast, entry)
    data = _body(path, clock) if method == "post" else None
    assert Client().generic(method.upper(), filled).status_code == 401
    others = tuple(name for name in SCOPES if name != scope)
    owners = {"time:write": "nurse", "claims:read": "biller"}
    assert call(owners.get(scope, "practitioner"), method, filled, data, scopes=others).status_code == 403
    for role in (one for one in ALL if one != owners.get(scope, "practitioner")):
        answer = call(role, method, filled, data)
        member = cast.stranger if role == "stranger" else cast[role]
        if role == "auditor":
            assert answer.status_code == 401, "who audits works on pages only"
        elif not may(member.role, SCOPES[scope].permission):
            assert answer.status_code == 403, (role, answer.content)
        elif role == "stranger" and ("patient_id" in path or "entry_pk" in path):
            assert answer.status_code == 404, answer.content
            assert b"Amberlake" not in answer.content
        else:
            assert answer.status_code != 500, (role, answer.content)
            assert b"Amberlake" not in answer.content or role != "stranger"
    last = call(owners.get(scope, "practitioner"), method, filled, data)
    assert last.status_code in (200, 201, 422), last.content
    if method == "get":
        assert last.status_code == 200


def test_a_signed_in_page_session_does_not_open_the_api(cast: Cast, as_role: Callable[[str], Client]) -> None:
    assert as_role("nurse").get("/api/patients").status_code == 401


def test_a_token_stops_when_it_expires_is_revoked_or_its_owner_leaves(cast: Cast, clock: Clock) -> None:
    def status(plain: str) -> int:
        return Client().get("/api/patients", headers={"Authorization": f"Bearer {plain}"}).status_code

    with acting_in(cast.clinic):
        row, plain = make_token(acting_user=cast["nurse"], name="phone", scopes=["patients:read"], days=2)
        assert (status(plain), status(plain[:-1])) == (200, 401)
        revoke_token(acting_user=cast["nurse"], token=row)
        assert status(plain) == 401
        _, plain = make_token(acting_user=cast["nurse"], name="phone", scopes=["patients:read"], days=2)
        clock.forward(days=2)
        assert status(plain) == 401
        _, plain = make_token(acting_user=cast["nurse"], name="phone", scopes=["patients:read"], days=2)
    cast["nurse"].is_active = False
    cast["nurse"].save()
    assert status(plain) == 401


def test_a_token_is_kept_as_its_hash_only(inside: Cast) -> None:
    row, plain = make_token(acting_user=inside["nurse"], name="phone", scopes=["patients:read"], days=2)
    row.refresh_from_db()
    assert plain not in json.dumps({name: str(value) for name, value in vars(row).items()})
    assert len(row.hash) == 64
    logged = AuditEvent.objects.filter(action="token.made").get()
    assert plain not in json.dumps(logged.after)


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ["check"], 1), ("x", [], 1), ("x", ["claims:write"], 1), ("x", ["check"], 0), ("x", ["check"], 400)],
)
def test_it_refuses_a_token_without_name_scope_or_end(inside: Cast, name: str, scopes: list[str], days: int) -> None:
    with pytest.raises(TokenRefused):
        make_token(acting_user=inside["nurse"], name=name, scopes=scopes, days=days)


def test_a_role_cannot_give_what_it_does_not_have(inside: Cast) -> None:
    with pytest.raises(TokenRefused):
        make_token(acting_user=inside["biller"], name="x", scopes=["time:write"], days=1)


def test_check_answers_exactly_as_the_command_does(cast: Cast, call: Callable[..., Any]) -> None:
    said = CliRunner().invoke(check, ["--json", str(CASE)])
    assert call("nurse", "post", "/api/check", CASE.read_bytes()).json() == json.loads(said.output)


def test_check_names_the_field_that_is_wrong_and_repeats_no_value(cast: Cast, call: Callable[..., Any]) -> None:
    broken = CASE.read_text().replace('month: "2026-10"', 'month: "20x6-13"').encode()
    answer = call("nurse", "post", "/api/check", broken)
    assert answer.status_code == 422
    assert "month" in [one["field"] for one in answer.json()["errors"]]
    assert b"20x6" not in answer.content


def test_ask_answers_as_the_library_does(cast: Cast, clock: Clock, call: Callable[..., Any]) -> None:
    question = "Can I bill 99490 twice in a month?"
    said = call("nurse", "post", "/api/ask", {"question": question, "on": "2026-11-18"}).json()
    expected = library_ask(question, on=clock.at.date()).to_dict()
    assert (said["verdict"], said["reason"], said["day"]) == (expected["verdict"], expected["reason"], "2026-11-18")
    assert said["references"]
    wrong = call("nurse", "post", "/api/ask", {"question": "?"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "question")


def test_time_is_logged_once_corrected_and_voided_as_on_the_pages(
    cast: Cast, clock: Clock, call: Callable[..., Any]
) -> None:
    path = f"/api/patients/{cast.patient.pk}/time"
    body = {**_body("time", clock), "entry_id": "phone-0001"}
    first, again = call("nurse", "post", path, body), call("nurse", "post", path, body)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert first.json()["seconds"] == 600
    taken = call("nurse", "post", path, {**body, "entry_id": "phone-0002"})
    assert taken.status_code == 422
    assert taken.json()["errors"][0]["field"] == "start"
    mended = call("nurse", "post", f"/api/time/{first.json()['id']}/correction", _body("correction", clock)).json()
    assert mended["corrects"] == "phone-0001"
    gone = call("nurse", "post", f"/api/time/{mended['id']}/void", {"reason": "not mine"})
    assert gone.status_code == 201
    listed = call("nurse", "get", path).json()
    assert [one["stands"] for one in listed] == [False, False, False]
    assert call("nurse", "post", f"/api/time/{mended['id']}/void", {"reason": "again"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-11-18T10:00:00"}, "start"),
        ({"program": "xyz"}, "program"),
        ({"extra": 1}, "extra"),
        ({"entry_id": "x"}, "entry_id"),
    ],
)
def test_errors_have_one_shape_and_name_the_field(
    cast: Cast, clock: Clock, call: Callable[..., Any], change: dict[str, Any], field: str
) -> None:
    answer = call("nurse", "post", f"/api/patients/{cast.patient.pk}/time", {**_body("time", clock), **change})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json().keys() == {"status", "title", "detail", "errors"}
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("path", ["/api/patients/999999", "/api/patients/1/months/2026-13/decisions", "/api/patients"])
def test_other_refusals_have_the_same_shape(cast: Cast, call: Callable[..., Any], path: str) -> None:
    answer = call("nurse", "get", path, scopes=("check",) if path == "/api/patients" else tuple(SCOPES))
    assert answer.status_code in (403, 404)
    assert answer.json().keys() == {"status", "title", "detail"}


@pytest.mark.parametrize(("body", "status"), [(b"x" * 6_000_000, 413), (b"{", 400), (b"[" * 5000, 422)])
def test_a_body_too_large_or_broken_is_refused_with_a_reason(
    cast: Cast, call: Callable[..., Any], body: bytes, status: int
) -> None:
    path = f"/api/patients/{cast.patient.pk}/time" if status == 400 else "/api/check"
    answer = call("nurse", "post", path, body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_a_failure_of_ours_says_nothing_of_what_was_sent(
    cast: Cast, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("Amberlake, Ada born 1948-05-06")

    monkeypatch.setattr("careledger.web.api.routes.queries.programs_of", fail)
    with caplog.at_level(logging.ERROR):
        answer = call("nurse", "get", f"/api/patients/{cast.patient.pk}")
    assert answer.status_code == 500
    assert "Amberlake" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_consent_goes_in_and_comes_back_with_who_recorded_it(
    cast: Cast, clock: Clock, call: Callable[..., Any]
) -> None:
    path = f"/api/patients/{cast.patient.pk}/consents"
    made = call("nurse", "post", path, _body("consents", clock))
    assert (made.status_code, made.json()["recorded_by"]) == (201, "rn-1")
    gone = call("nurse", "post", f"{path}/{made.json()['id']}/revocation", {"on": "2026-11-10"})
    assert gone.json()["revoked_on"] == "2026-11-10"
    assert call("nurse", "get", path).json()[0]["revoked_on"] == "2026-11-10"
    future = call("nurse", "post", path, {**_body("consents", clock), "given_on": "2027-01-01"})
    assert future.status_code == 422
    unknown = call("nurse", "post", path, {**_body("consents", clock), "practitioner": "dr-0"})
    assert unknown.status_code == 422


def test_a_step_goes_in_and_a_program_begins_after_a_consent_only(cast: Cast, call: Callable[..., Any]) -> None:
    path = f"/api/patients/{cast.patient.pk}"
    step = {"program": "bhi", "status": "invited", "on": "2026-11-02", "note": "By letter."}
    assert call("nurse", "post", f"{path}/statuses", step).status_code == 201
    assert call("nurse", "post", f"{path}/statuses", step).status_code == 422
    begins = {"program": "bhi", "started_on": "2026-11-03"}
    assert "record the consent first" in call("nurse", "post", f"{path}/enrolments", begins).json()["detail"]
    told = {"program": "bhi", "given_on": "2026-11-03", "form": "verbal", "practitioner": "dr-1"}
    covers = ["specialist_consultation", "cost_sharing"]
    assert call("nurse", "post", f"{path}/consents", {**told, "covers": covers}).status_code == 201
    assert call("nurse", "post", f"{path}/enrolments", begins).json()["status"] == "enrolled"
    history = call("nurse", "get", f"{path}/statuses").json()
    assert [one["status"] for one in history if one["program"] == "bhi"] == ["enrolled", "consented", "invited"]


def test_made_claims_are_listed_with_where_they_stand(october: Cast, as_role: Any, call: Callable[..., Any]) -> None:
    assert call("biller", "get", "/api/claims").json() == {"total": 0, "page": 1, "pages": 1, "items": []}
    doctor = as_role("practitioner")
    doctor.post(f"/claims/sign/2026-10/{october.patient.pk}/review/")
    doctor.post("/claims/sign/2026-10/", {"patient": [october.patient.pk]})
    as_role("biller").post("/claims/make/", {"month": "2026-10"})
    do_all()
    (made,) = call("biller", "get", "/api/claims?month=2026-10").json()["items"]
    assert (made["state"], made["patient_id"], made["charge_cents"]) == ("ready", "p1", 9500)
    assert call("biller", "get", "/api/claims?state=held").json()["total"] == 0
    assert call("biller", "get", "/api/claims?month=2026-13").status_code == 404


def test_every_chart_a_program_opens_stands_in_the_log(cast: Cast, call: Callable[..., Any]) -> None:
    for rest in ("", "/consents", "/plans", "/time", "/months/2026-11/decisions"):
        assert call("nurse", "get", f"/api/patients/{cast.patient.pk}{rest}").status_code == 200
    with acting_in(cast.clinic):
        read = AuditEvent.objects.filter(patient_ref=cast.patient.pk, action__endswith=".read")
        assert [event.action for event in read.order_by("sequence")] == [
            "api.chart.read", "api.consents.read", "api.plans.read", "api.time.read", "api.month.read",
        ]  # fmt: skip


def test_a_list_takes_a_bounded_number_of_queries(
    cast: Cast, call: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    call("nurse", "get", "/api/patients")
    with django_assert_max_num_queries(22):
        found = call("nurse", "get", "/api/patients?q=amber").json()
    assert (found["total"], found["pages"], found["items"][0]["status"]) == (1, 1, "enrolled")


def test_it_slows_down_who_calls_too_often_and_who_guesses_tokens(
    cast: Cast, call: Callable[..., Any], settings: Any
) -> None:
    settings.CARELEDGER_RATES = {**settings.CARELEDGER_RATES, "api_wrong": "3/m"}
    guesses = [Client().get("/api/patients", headers={"Authorization": "Bearer clt_x"}).status_code for _ in range(5)]
    assert guesses == [401, 401, 401, 429, 429]
    cache.clear()
    for throttle in api.throttling if hasattr(api, "throttling") else api.throttle:
        throttle.num_requests, throttle.kept = 2, throttle.num_requests
    try:
        answers = [call("nurse", "get", "/api/patients") for _ in range(3)]
    finally:
        for throttle in api.throttling if hasattr(api, "throttling") else api.throttle:
            throttle.num_requests = throttle.kept
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_the_document_describes_every_route_its_token_and_its_errors() -> None:
    document = Client().get("/api/openapi.json").json()
    assert document["info"]["title"] == "CareLedger"
    for path, item in document["paths"].items():
        for method, route in item.items():
            assert route["security"], (method, path)
            assert "422" in route["responses"], path
            assert route.get("description"), (method, path)


def test_the_page_makes_a_token_after_asking_again_and_shows_it_once(
    cast: Cast, as_role: Callable[[str], Client]
) -> None:
    client = as_role("nurse")
    form = {"name": "phone", "days": "30", "scopes": ["patients:read", "time:write"]}
    asked = client.post("/settings/api/new/", form)
    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/account/reauthenticate/")
    made = client.post(asked.headers["Location"], {"password": "a passphrase for tests"})
    assert made.status_code == 200, made.headers
    plain = made.content.decode().split('value="clt_')[1].split('"')[0]
    listed = client.get("/settings/api/").content.decode()
    assert "phone" in listed
    assert plain not in listed
    token = ApiToken.objects.get()
    assert as_role("practitioner").post(f"/settings/api/{token.pk}/revoke/").status_code == 404
    assert as_role("administrator").post(f"/settings/api/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
