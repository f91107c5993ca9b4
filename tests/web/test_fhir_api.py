"""The FHIR server: every route with the whole cast, every type, every parameter, paging, refusals, and the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock
from tests.web.fhir_calls import EVERYTHING, TYPES, Caller, filled

from careledger.web.accounts.roles import ROLES
from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api import urls
from careledger.web.fhir_api.smart_scopes import granted, may, parsed
from careledger.web.fhir_api.views import SHELVES
from careledger.web.tenancy.scope import acting_in

ALL = [*(role for role, _ in ROLES), "stranger"]
READERS = ("nurse", "practitioner", "biller", "director", "compliance", "stranger")
OPEN = {"fhir_metadata", "fhir_smart", "fhir_token", "fhir_nothing"}


@pytest.fixture
def call(cast: Cast) -> Caller:
    return Caller(cast)


def address(name: str, cast: Cast) -> str:
    known = {
        "fhir_type": {"kind": "Patient"},
        "fhir_search": {"kind": "Condition"},
        "fhir_instance": {"kind": "Patient", "id_": str(cast.patient.pk)},
        "fhir_history": {"kind": "Patient", "id_": str(cast.patient.pk)},
        "fhir_version": {"kind": "Patient", "id_": str(cast.patient.pk), "version_id": "1"},
        "fhir_export_group": {"group": "enrolled-ccm"},
        "fhir_export_status": {"export_id": 1},
        "fhir_export_file": {"export_id": 1, "name": "Patient.ndjson"},
        "fhir_nothing": {"rest": "nowhere"},
    }
    return reverse(name, kwargs=known.get(name, {}))


def test_every_route_is_known_to_these_tests(cast: Cast) -> None:
    names = [one.name for one in urls.urlpatterns]
    assert len(names) == len(set(names)) == 14
    assert all(address(name, cast) for name in names)


@pytest.mark.parametrize("name", [one.name for one in urls.urlpatterns if one.name not in OPEN])
def test_every_route_opens_to_token_scope_and_role_together_and_to_nobody_else(
    cast: Cast, call: Caller, as_role: Callable[[str], Client], name: str
) -> None:
    path = address(name, cast)
    exports = "export" in name
    more = {"Prefer": "respond-async"}
    for nobody in (Client(), as_role("compliance")):
        answer = nobody.get(path, headers=more)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (401, "login")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert call("compliance", path, scopes=("patients:read", "system/Goal.s"), headers=more).status_code == 403
    for role in ALL:
        answer = call(role, path, headers=more)
        if role == "auditor":
            assert answer.status_code == 401, "who audits works on pages only"
        elif role not in READERS or (exports and role != "compliance"):
            assert answer.status_code == 403, (role, answer.content)
        elif role == "stranger" and name == "fhir_instance":
            assert answer.status_code == 404
        elif name == "fhir_history":
            assert answer.status_code == 404, "no history is kept"
        else:
            assert answer.status_code in (200, 202, 404, 405), (role, answer.content)
        assert role != "stranger" or b"Amberlake" not in answer.content


def test_what_is_open_tells_no_chart(cast: Cast) -> None:
    for name in OPEN:
        answer = Client().get(address(name, cast))
        assert answer.status_code in (200, 404, 405)
        assert b"Amberlake" not in answer.content


def test_the_capability_statement_says_what_is_served(cast: Cast, call: Caller) -> None:
    told = Client().get("/fhir/metadata").json()
    assert (told["resourceType"], told["fhirVersion"], told["kind"]) == ("CapabilityStatement", "4.0.1", "instance")
    (rest,) = told["rest"]
    assert {one["type"] for one in rest["resource"]} == set(TYPES) == set(SHELVES)
    examples = {"date": "ge2026-01-01", "reference": "1", "token": "x", "string": "x"}
    for one in rest["resource"]:
        for parameter in one["searchParam"]:
            found = call("nurse", f"/fhir/{one['type']}", data={parameter["name"]: examples[parameter["type"]]})
            assert found.status_code == 200, (one["type"], parameter, found.content)


def test_the_smart_configuration_says_how_programs_sign_in(cast: Cast) -> None:
    told = Client().get("/fhir/.well-known/smart-configuration").json()
    assert told["token_endpoint"] == "http://testserver/fhir/auth/token"
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert set(told["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert all(parsed(scope) for scope in told["scopes_supported"])


@pytest.mark.parametrize("kind", TYPES)
def test_what_a_search_finds_is_read_by_its_id(cast: Cast, clock: Clock, call: Caller, kind: str) -> None:
    filled(cast, clock)
    found = call("nurse", f"/fhir/{kind}").json()
    assert (found["resourceType"], found["type"]) == ("Bundle", "searchset")
    assert found["total"] == len(found["entry"]) > 0
    for entry in found["entry"]:
        one = entry["resource"]
        assert entry["fullUrl"] == f"http://testserver/fhir/{kind}/{one['id']}"
        answer = call("nurse", f"/fhir/{kind}/{one['id']}")
        assert answer.json() == one
        assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        by_id = call("nurse", f"/fhir/{kind}", data={"_id": f"{one['id']},nobody"}).json()
        assert [each["resource"] for each in by_id["entry"]] == [one]
        assert call("stranger", f"/fhir/{kind}/{one['id']}").status_code in ((200, 404) if kind == "Group" else (404,))
    assert "Amberlake" not in call("stranger", f"/fhir/{kind}").content.decode()


PROFILES = {
    "Patient": {"us-core-patient"}, "Coverage": {"us-core-coverage"}, "Encounter": {"us-core-encounter"},
    "Condition": {"us-core-condition-problems-health-concerns"}, "CarePlan": {"us-core-careplan", "mccCarePlan"},
    "CareTeam": {"us-core-careteam"}, "Goal": {"us-core-goal", "MCCGoal"}, "DocumentReference": {"us-core-documentreference"},
    "Practitioner": {"us-core-practitioner"}, "PractitionerRole": {"us-core-practitionerrole"},
    "Organization": {"us-core-organization"}, "Consent": set(), "Communication": set(), "Group": set(),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_profiles_are_named_where_they_are_met(cast: Cast, clock: Clock, call: Caller, kind: str) -> None:
    filled(cast, clock)
    found = [entry["resource"] for entry in call("nurse", f"/fhir/{kind}").json()["entry"]]
    named = {url.rpartition("/")[2] for one in found for url in one.get("meta", {}).get("profile", ())}
    assert named == PROFILES[kind]


def test_a_profile_that_is_not_met_is_not_named(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    found = [entry["resource"] for entry in call("nurse", "/fhir/Encounter").json()["entry"]]
    untyped = [one for one in found if "type" not in one]
    assert len(untyped) == 1
    assert "profile" not in untyped[0]["meta"]
    goals = [entry["resource"] for entry in call("nurse", "/fhir/Goal").json()["entry"]]
    assert [len(one["meta"]["profile"]) for one in goals] == [1, 2], "one goal concerns no condition"


SEARCHES = [
    ("Patient", {"family": "amber"}, 1),
    ("Patient", {"name": "Ada", "birthdate": "1948-05-06", "gender": "female"}, 1),
    ("Patient", {"birthdate": "gt1948-05-06"}, 0),
    ("Patient", {"birthdate": ["ge1948-01-01", "lt1949-01-01"]}, 1),
    ("Patient", {"identifier": "https://careledger.org/fhir/sid/Patient|p1"}, 1),
    ("Patient", {"identifier": "http://hl7.org/fhir/sid/us-mbi|1EG4TE5MK73"}, 1),
    ("Patient", {"identifier": "urn:elsewhere|p1"}, 0),
    ("Patient", {"identifier": "p1"}, 1),
    ("Condition", {"patient": "{patient}"}, 3),
    ("Condition", {"patient": "Patient/{patient}", "code": "http://hl7.org/fhir/sid/icd-10-cm|E119"}, 1),
    ("Condition", {"patient": "{patient}", "clinical-status": "resolved"}, 1),
    ("Condition", {"patient": "{patient}", "category": "problem-list-item"}, 3),
    ("Condition", {"patient": "{patient}", "category": "encounter-diagnosis"}, 0),
    ("Condition", {"code": "I10,E11.9"}, 2),
    ("Condition", {"patient": "Practitioner/{patient}"}, 0),
    ("Coverage", {"beneficiary": "http://testserver/fhir/Patient/{patient}"}, 2),
    ("Encounter", {"patient": "{patient}", "date": "ge2026-02-05"}, 3),
    ("Encounter", {"patient": "{patient}", "date": "2026-02-05"}, 1),
    ("Encounter", {"patient": "{patient}", "date": "le2026-01-31"}, 1),
    ("Encounter", {"patient": "{patient}", "date": "gt9999-12-31"}, 1),
    ("Encounter", {"patient": "{patient}", "date": "lt0001-01-01"}, 0),
    ("Encounter", {"patient": "{patient}", "participant": "Practitioner/{biller}"}, 2),
    ("Consent", {"patient": "{patient}", "status": "active"}, 1),
    ("Consent", {"patient": "{patient}", "status": "inactive"}, 1),
    ("CarePlan", {"patient": "{patient}", "category": "assess-plan"}, 2),
    ("CarePlan", {"patient": "{patient}", "status": "active"}, 1),
    ("CareTeam", {"patient": "{patient}", "status": "active"}, 1),
    ("Goal", {"patient": "{patient}", "target-date": "gt2026-12-01"}, 1),
    ("Communication", {"patient": "{patient}", "status": "completed"}, 2),
    ("Communication", {"patient": "{patient}", "status": "entered-in-error"}, 1),
    ("DocumentReference", {"patient": "{patient}", "type": "http://loinc.org|11506-3", "category": "clinical-note"}, 1),
    ("DocumentReference", {"patient": "{patient}", "period": "lt2026-11-01"}, 0),
    ("Practitioner", {"name": "nurse"}, 1),
    ("Practitioner", {"identifier": "http://hl7.org/fhir/sid/us-npi|1234567893"}, 1),
    ("PractitionerRole", {"practitioner": "Practitioner/{biller}"}, 1),
    ("Organization", {"name": "lake"}, 1),
    ("Group", {"_id": "enrolled-ccm"}, 1),
]  # fmt: skip


def test_searches_find_what_they_should(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    known = {"{patient}": str(cast.patient.pk), "{biller}": str(cast["practitioner"].person_id)}

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(one) for one in value]
        for name, text in known.items():
            value = value.replace(name, text)
        return value

    wrong = {}
    for kind, given, expected in SEARCHES:
        asked = {name: put(value) for name, value in given.items()}
        found = call("nurse", f"/fhir/{kind}", data=asked).json()
        if found.get("total") != expected:
            wrong[kind, str(given)] = (found.get("total"), expected)
    assert wrong == {}


def test_a_search_by_form_finds_the_same(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    asked = {"patient": str(cast.patient.pk), "clinical-status": "resolved"}
    by_form = call("nurse", "/fhir/Condition/_search", method="post", data=asked).json()
    assert by_form["entry"] == call("nurse", "/fhir/Condition", data=asked).json()["entry"]
    assert by_form["total"] == 1


def test_pages_follow_one_another_and_hold_everyone_once(cast: Cast, call: Caller) -> None:
    with acting_in(cast.clinic):
        for number in range(4):
            make_patient(f"q{number}", cast["practitioner"].person)
    path, seen = "/fhir/Encounter?_count=2", []
    while path:
        page = call("nurse", path).json()
        links = {one["relation"]: one["url"] for one in page["link"]}
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        assert page["total"] == 5
        assert ("previous" in links) is (len(seen) > 2)
        path = links.get("next", "").removeprefix("http://testserver")
    assert len(seen) == len(set(seen)) == 5
    beyond = call("nurse", "/fhir/Patient?_page=50").json()
    assert (beyond["total"], "entry" in beyond) == (5, False)
    assert "entry" not in call("nurse", "/fhir/Patient?_count=0").json()
    assert len(call("nurse", "/fhir/Patient?_count=9999").json()["entry"]) == 5


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/fhir/Observation", 404, "not-supported"),
        ("/fhir/Observation/1", 404, "not-supported"),
        ("/fhir/Patient/999999", 404, "not-found"),
        ("/fhir/Patient/x-1", 404, "not-found"),
        ("/fhir/DocumentReference/1-2026-13", 404, "not-found"),
        ("/fhir/Binary/1-1999-01", 404, "not-found"),
        ("/fhir/Patient?nonsense=Amberlake", 400, "not-supported"),
        ("/fhir/Patient?birthdate=Amberlake", 400, "value"),
        ("/fhir/Patient?birthdate=2026-13-40", 400, "value"),
        ("/fhir/Patient?_count=Amberlake", 400, "value"),
        ("/fhir/Patient?name=%00", 400, "value"),
        ("/fhir/Patient?name=" + ",".join("abcdefghij" * 30), 400, "too-costly"),
        ("/fhir/Patient?_id=" + ",".join("123456789" * 30), 400, "too-costly"),
        ("/fhir/Patient?" + "&".join(["name=a"] * 201), 400, "too-costly"),
        ("/fhir/patients/Amberlake", 404, "not-found"),
        ("/fhir/", 404, "not-found"),
        ("/fhir/exports/77", 403, "forbidden"),
    ],
)
def test_refusals_are_operation_outcomes_and_repeat_nothing(
    cast: Cast, call: Caller, path: str, status: int, code: str
) -> None:
    answer = call("nurse", path)
    told = answer.json()
    assert (answer.status_code, told["resourceType"], told["issue"][0]["code"]) == (status, "OperationOutcome", code)
    assert told["issue"][0]["diagnostics"]
    assert b"Amberlake" not in answer.content


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("post", "/fhir/Condition", 405),
        ("put", "/fhir/Condition/1", 405),
        ("delete", "/fhir/Patient/1", 405),
        ("patch", "/fhir/Patient/1", 405),
        ("post", "/fhir/", 404),
        ("post", "/fhir/$export", 405),
        ("get", "/fhir/Patient/_search", 200),
    ],
)
def test_what_is_not_offered_is_refused(cast: Cast, call: Caller, method: str, path: str, status: int) -> None:
    answer = call("compliance", path, method=method, body=None if method == "get" else {"resourceType": "Condition"})
    assert answer.status_code == status
    assert answer.json()["resourceType"] == ("OperationOutcome" if status != 200 else "Bundle")


def test_a_form_that_cannot_be_read_is_no_fault_of_ours(cast: Cast, call: Caller) -> None:
    bearer = {"Authorization": f"Bearer {call.token('nurse', EVERYTHING)}"}
    answer = Client().generic(
        "POST", "/fhir/Patient/_search", b"--x", content_type="multipart/form-data; boundary=", headers=bearer
    )
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == "structure"


def test_it_speaks_json_only(cast: Cast, call: Caller) -> None:
    path = f"/fhir/Patient/{cast.patient.pk}"
    for accepted, status in (("application/fhir+xml", 406), ("application/fhir+json", 200), ("*/*", 200)):
        assert call("nurse", path, headers={"Accept": accepted}).status_code == status


def test_the_note_comes_as_pdf_and_as_binary(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    (entry,) = call("nurse", "/fhir/DocumentReference").json()["entry"]
    url = entry["resource"]["content"][0]["attachment"]["url"].removeprefix("http://testserver")
    pdf = call("nurse", url)
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    told = call("nurse", url, headers={"Accept": "application/fhir+json"}).json()
    assert (told["resourceType"], told["contentType"]) == ("Binary", "application/pdf")
    assert call("stranger", url).status_code == 404
    assert call("nurse", url, scopes=("system/DocumentReference.rs",)).status_code == 403


def test_a_token_of_one_patient_opens_no_other(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        other = make_patient("p2", cast["practitioner"].person)
    bound: Any = {"scopes": ("patient/*.rs",), "patient": cast.patient}
    assert call("nurse", f"/fhir/Patient/{cast.patient.pk}", **bound).status_code == 200
    assert call("nurse", f"/fhir/Patient/{other.pk}", **bound).status_code == 404
    for kind in set(TYPES) - {"Group"}:
        whole = call("nurse", f"/fhir/{kind}").json()["total"]
        mine = call("nurse", f"/fhir/{kind}", **bound).json()
        assert 0 < mine["total"] <= whole
        assert all("p2" not in json.dumps(entry) for entry in mine["entry"])
    assert call("nurse", f"/fhir/Condition?patient={other.pk}", **bound).json()["total"] == 0
    assert call("nurse", f"/fhir/Binary/{cast.patient.pk}-2026-11", **bound).status_code == 200
    for closed in ("/fhir/Group", "/fhir/Group/enrolled-ccm"):
        assert call("nurse", closed, **bound).status_code == 404
    bound["headers"] = {"Prefer": "respond-async"}
    assert call("compliance", "/fhir/$export", **bound).status_code == 403
    assert call("nurse", "/fhir/Patient", scopes=("system/*.rs",), patient=cast.patient).status_code == 403
    assert call("nurse", "/fhir/Patient", scopes=("patient/*.rs",)).status_code == 403


@pytest.mark.parametrize(
    ("scopes", "context", "kind", "act", "expected"),
    [
        (["system/*.rs"], "system", "Goal", "r", True),
        (["system/*.rs"], "system", "Goal", "c", False),
        (["system/*.read"], "system", "Goal", "s", True),
        (["system/*.*"], "system", "Goal", "u", True),
        (["system/Goal.r"], "system", "Goal", "s", False),
        (["system/Goal.rs"], "system", "Condition", "r", False),
        (["patient/*.rs"], "system", "Goal", "r", False),
        (["system/*.sr", "system/*.", "system/goal.rs", "user/*.rs", "*"], "system", "Goal", "r", False),
    ],
)
def test_scopes_mean_what_smart_says(scopes: list[str], context: str, kind: str, act: str, expected: bool) -> None:
    assert may(scopes, context, kind, act) is expected


def test_only_what_was_registered_is_granted() -> None:
    asked = "system/Patient.rs system/Goal.read system/Goal.write system/*.rs launch system/Patient.rs"
    assert granted(asked.split(), ["system/Patient.rs", "system/Goal.rs"]) == ["system/Patient.rs", "system/Goal.read"]
    assert granted(["system/*.read"], ["system/*.rs"]) == ["system/*.read"]


def test_every_chart_that_is_read_stands_in_the_log(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        make_patient("p2", cast["practitioner"].person)
    for path in (
        "Condition",
        f"Patient/{cast.patient.pk}",
        f"Binary/{cast.patient.pk}-2026-11",
        "Group",
        "Practitioner",
    ):
        assert call("nurse", f"/fhir/{path}").status_code == 200
    call("nurse", f"/fhir/Goal?patient={cast.patient.pk}")
    with acting_in(cast.clinic):
        read = AuditEvent.objects.filter(action__startswith="fhir.").order_by("sequence")
        told = [(one.action, one.patient_ref == cast.patient.pk, one.who) for one in read]
    who = str(cast["nurse"].user)
    assert told == [
        ("fhir.Condition.read", True, who), ("fhir.Condition.read", False, who), ("fhir.Patient.read", True, who),
        ("fhir.Binary.read", True, who), ("fhir.Group.read", False, who), ("fhir.Goal.read", True, who),
    ]  # fmt: skip


def test_a_failure_of_ours_says_nothing_of_a_chart(
    cast: Cast, call: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("Amberlake, Ada born 1948-05-06")

    monkeypatch.setattr("careledger.web.fhir_api.shelves._built", fail)
    with caplog.at_level(logging.ERROR):
        answer = call("nurse", "/fhir/Patient")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (500, "exception")
    assert "Amberlake" not in answer.content.decode() + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_page_takes_a_bounded_number_of_queries(
    cast: Cast, clock: Clock, call: Caller, django_assert_max_num_queries: Any
) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        for number in range(6):
            make_patient(f"q{number}", cast["practitioner"].person)
    for kind in ("Patient", "CarePlan", "Goal", "Condition"):
        call("nurse", f"/fhir/{kind}")
        reads = 7 * 7  # an entry of the log for each chart
        with django_assert_max_num_queries(30 + reads):
            assert call("nurse", f"/fhir/{kind}").status_code == 200


def test_it_slows_down_who_guesses_tokens(cast: Cast, call: Caller, settings: Any) -> None:
    settings.CARELEDGER_RATES = {**settings.CARELEDGER_RATES, "api_wrong": "3/m"}
    guesses = [Client().get("/fhir/Patient", headers={"Authorization": "Bearer clf_x"}) for _ in range(5)]
    assert [one.status_code for one in guesses] == [401, 401, 401, 429, 429]
    assert guesses[-1].json()["issue"][0]["code"] == "throttled"


def test_the_token_page_binds_a_token_to_a_patient(cast: Cast, as_role: Callable[[str], Client]) -> None:
    client = as_role("nurse")
    form = {"name": "portal", "days": "30", "scopes": ["patient/*.rs"]}
    client.post("/settings/api/new/", form)
    client.post("/account/reauthenticate/", {"password": "a passphrase for tests"})
    for wrong in ({"patient": "nobody"}, {"patient": "x1"}, {}, {"patient": "p1", "scopes": ["patient/*.rs", "ask"]}):
        assert client.post("/settings/api/new/", {**form, **wrong}).status_code == 422
    made = client.post("/settings/api/new/", {**form, "patient": "p1"})
    plain = "clt_" + made.content.decode().split('value="clt_')[1].split('"')[0]
    bearer = {"Authorization": f"Bearer {plain}"}
    assert Client().get("/fhir/Patient", headers=bearer).json()["total"] == 1
    assert EVERYTHING
