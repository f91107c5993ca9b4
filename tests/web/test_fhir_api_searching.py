"""How a search is answered: its order, what comes along, what we do not know, versions, and the statement of all that."""

from __future__ import annotations

import json
from datetime import date
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock
from tests.web.fhir_calls import TYPES, Caller, filled

from careledger.web.accounts.roles import ROLES
from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api.asking import _RESULT
from careledger.web.fhir_api.including import references
from careledger.web.fhir_api.views import SHELVES
from careledger.web.patients import models as chart
from careledger.web.tenancy.scope import acting_in

READERS = ("nurse", "practitioner", "biller", "director", "compliance")
LENIENT, STRICT = {"Prefer": "handling=lenient"}, {"Prefer": "handling=strict"}
DAYS = {
    ("Patient", "birthdate"): ("birthDate",), ("Condition", "onset-date"): ("onsetDateTime",),
    ("Encounter", "date"): ("period", "start"), ("Consent", "date"): ("dateTime",), ("CarePlan", "date"): ("created",),
    ("Goal", "target-date"): ("target", "dueDate"), ("Communication", "sent"): ("sent",),
    ("DocumentReference", "period"): ("context", "period", "start"),
}  # fmt: skip
"""Every parameter to sort by, with the element it sorts by."""


@pytest.fixture
def call(cast: Cast) -> Caller:
    return Caller(cast)


@pytest.fixture
def many(cast: Cast, clock: Clock) -> None:
    """Three more charts beside the full one, older and younger, and a condition without a day."""
    filled(cast, clock)
    with acting_in(cast.clinic):
        for number, born in enumerate((date(1960, 1, 2), date(1931, 12, 31), date(1948, 5, 6))):
            row = make_patient(f"q{number}", cast["practitioner"].person)
            chart.Patient.objects.filter(pk=row.pk).update(born_on=born)
        chart.Condition.objects.create(patient=cast.patient, icd10="E78.5", chronic=True)


def element(resource: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        resource = resource[0] if isinstance(resource, list) else resource
        resource = (resource or {}).get(name)
    return resource


def by_mode(bundle: dict[str, Any], mode: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle.get("entry", ()) if one["search"]["mode"] == mode]


def test_every_date_parameter_sorts_and_nothing_else_does() -> None:
    assert {(shelf.name, name) for shelf in SHELVES.values() for name in shelf.sorts} == DAYS.keys()
    dated = {(s.name, name) for s in SHELVES.values() for name, one in s.parameters.items() if one.type == "date"}
    assert dated == DAYS.keys()


def test_a_search_is_sorted_by_its_days_both_ways(many: None, call: Caller) -> None:
    for ((kind, name), path), (sign, is_last_first) in product(DAYS.items(), (("", False), ("-", True))):
        bundle = call("nurse", f"/fhir/{kind}?_sort={sign}{name}").json()
        days = [element(one, path) for one in by_mode(bundle, "match")]
        known = [day for day in days if day]
        assert known == sorted(known, reverse=is_last_first)
        assert days[len(known) :] == [None] * (len(days) - len(known)), "what has no day comes last"
        assert len(days) == bundle["total"] > 0


def test_pages_keep_their_order_across_tables(many: None, call: Caller) -> None:
    whole = [one["id"] for one in by_mode(call("nurse", "/fhir/Encounter?_sort=-date").json(), "match")]
    assert {id_[0] for id_ in whole} == {"v", "s"}
    path, seen = "/fhir/Encounter?_sort=-date&_count=2", []
    while path:
        page = call("nurse", path).json()
        seen += [one["id"] for one in by_mode(page, "match")]
        path = {one["relation"]: one["url"] for one in page["link"]}.get("next", "").removeprefix("http://testserver")
    assert seen == whole
    beyond = call("nurse", "/fhir/Encounter?_sort=date&_page=999999999999999999").json()
    assert (beyond["total"], "entry" in beyond) == (len(whole), False)


def test_a_second_key_sorts_what_the_first_leaves_equal(many: None, call: Caller) -> None:
    found = by_mode(call("nurse", "/fhir/Patient?_sort=birthdate,-birthdate").json(), "match")
    assert [one["birthDate"] for one in found] == ["1931-12-31", "1948-05-06", "1948-05-06", "1960-01-02"]
    assert int(found[1]["id"]) < int(found[2]["id"])


def test_what_a_match_refers_to_comes_along_once(many: None, call: Caller) -> None:
    read: dict[str, Any] = {}
    for kind, name in ((shelf.name, name) for shelf in SHELVES.values() for name in shelf.includes):
        bundle = call("nurse", f"/fhir/{kind}?_include={kind}:{name}").json()
        matches, beside = by_mode(bundle, "match"), by_mode(bundle, "include")
        told = {each for one in matches for each in references(one, SHELVES[kind].includes[name])}
        addresses = [f"{one['resourceType']}/{one['id']}" for one in beside]
        assert sorted(addresses) == sorted(told) != []
        assert bundle["total"] == len(matches), "what comes along is not counted"
        for at, one in zip(addresses, beside, strict=True):
            read[at] = read.get(at) or call("nurse", f"/fhir/{at}").json()
            assert read[at] == one


def test_an_include_may_name_the_type_it_wants(many: None, call: Caller) -> None:
    for target, there in (("Patient", True), ("Practitioner", False)):
        bundle = call("nurse", f"/fhir/Goal?_include=Goal:subject:{target}").json()
        assert bool(by_mode(bundle, "include")) is there


def test_nothing_comes_along_that_the_caller_could_not_read(many: None, cast: Cast, call: Caller) -> None:
    """A scope for plans opens plans: the patient, the goals and the rest of it need their own."""
    for role, _ in ROLES:
        _gets_only_what_it_may(call, role)


def _gets_only_what_it_may(call: Caller, role: str) -> None:
    path = f"/fhir/CarePlan?{'&'.join(f'_include=CarePlan:{name}' for name in SHELVES['CarePlan'].includes)}"
    answer = call(role, path, scopes=("system/CarePlan.rs", "system/Goal.r"))
    if role not in READERS:
        assert answer.status_code in (401, 403)
        return
    bundle = answer.json()
    assert {one["resourceType"] for one in by_mode(bundle, "include")} == {"Goal"}
    (told,) = by_mode(bundle, "outcome")
    assert (told["issue"][0]["code"], told["issue"][0]["severity"]) == ("suppressed", "warning")
    assert "Amberlake" not in answer.content.decode()
    for scope in ("system/Goal.s", "system/Goal.c", "patient/Goal.rs"):
        narrow = call(role, path, scopes=("system/CarePlan.rs", scope)).json()
        assert by_mode(narrow, "include") == []


def test_a_token_of_one_patient_gets_nothing_of_another_along(many: None, cast: Cast, call: Caller) -> None:
    bound: Any = {"scopes": ("patient/*.rs",), "patient": cast.patient}
    for kind in set(TYPES) - {"Group"}:
        asked = "&".join(f"_include={kind}:{name}" for name in SHELVES[kind].includes)
        bundle = call("nurse", f"/fhir/{kind}?{asked}", **bound).json()
        patients = [one["id"] for one in by_mode(bundle, "include") if one["resourceType"] == "Patient"]
        assert set(patients) <= {str(cast.patient.pk)}
        assert not any(f'"Patient/{other}"' in json.dumps(bundle) for other in _others(cast))
    for path in ("/fhir/CarePlan?_include=CarePlan:subject", "/fhir/Goal?_include=Goal:subject&_sort=target-date"):
        assert call("stranger", path).json()["total"] == 0


def _others(cast: Cast) -> list[int]:
    with acting_in(cast.clinic):
        return list(chart.Patient.objects.exclude(pk=cast.patient.pk).values_list("pk", flat=True))


def test_a_reference_that_leads_to_another_patient_is_not_followed(many: None, cast: Cast, call: Caller) -> None:
    """Were a record ever to point at a foreign chart, a token of one patient must not open it."""
    from careledger.web.fhir_api.asking import Include
    from careledger.web.fhir_api.doors import Caller as Member
    from careledger.web.fhir_api.including import included
    from careledger.web.fhir_api.sight import Sight

    (other, *_) = _others(cast)
    match = {"resourceType": "Goal", "id": "1", "subject": {"reference": f"Patient/{other}"}}
    with acting_in(cast.clinic):
        for scope, patient, expected in (("patient", cast.patient.pk, 0), ("patient", other, 1), ("system", None, 1)):
            who = Member(cast["nurse"], patient, (f"{scope}/Patient.rs",))
            made = included([match], [Include(("subject",), "")], SHELVES, Sight("http://testserver/fhir"), who)
            assert len(made.resources) == expected
            assert made.withheld == 0


def test_what_comes_along_is_a_look_at_the_chart_too(many: None, cast: Cast, call: Caller) -> None:
    call("nurse", f"/fhir/Goal?patient={cast.patient.pk}&_include=Goal:subject")
    with acting_in(cast.clinic):
        told = AuditEvent.objects.filter(action__startswith="fhir.").order_by("sequence")
        assert [(one.action, one.patient_ref) for one in told] == [
            ("fhir.Goal.read", cast.patient.pk), ("fhir.Patient.read", cast.patient.pk),
        ]  # fmt: skip


def test_more_matches_take_no_more_queries(many: None, cast: Cast, call: Caller) -> None:
    path = f"/fhir/Condition?patient={cast.patient.pk}&_include=Condition:subject&_sort=-onset-date"

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert call("nurse", path).status_code == 200
        return len(made)

    queries()
    before = queries()
    with acting_in(cast.clinic):
        for number in range(10, 30):
            chart.Condition.objects.create(patient=cast.patient, icd10=f"I{number}", chronic=True)
    assert queries() == before


UNKNOWN = ["nonsense=Amberlake", "_sort=name", "_sort=-birthdate,Amberlake", "_include=Patient:Amberlake", "_include=*",
           "_include=Goal:subject", "_revinclude=Goal:subject", "_elements=id", "_lastUpdated=gt2026-01-01", "_sort="]  # fmt: skip


def test_what_we_do_not_know_is_refused_or_left_out_as_the_caller_prefers(many: None, call: Caller) -> None:
    for unknown in UNKNOWN:
        _goes_as_preferred(call, f"/fhir/Patient?identifier=p1&{unknown}&gender=female")


def _goes_as_preferred(call: Caller, path: str) -> None:
    for headers in (STRICT, {}, {"Prefer": "respond-async"}, {"Prefer": "handling=lenient, handling=strict"}):
        answer = call("nurse", path, headers=headers)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "not-supported")
    for headers in (LENIENT, {"Prefer": "respond-async; Handling=Lenient"}):
        answer = call("nurse", path, headers=headers)
        bundle = answer.json()
        assert (answer.status_code, bundle["total"]) == (200, 1)
        (told,) = by_mode(bundle, "outcome")
        assert (told["issue"][0]["code"], told["issue"][0]["severity"]) == ("not-supported", "warning")
        assert "Amberlake" not in json.dumps([told, bundle["link"]]), "the outcome and the links repeat nothing unknown"
        (link,) = [one["url"] for one in bundle["link"] if one["relation"] == "self"]
        assert [name for name, _ in parse_qsl(urlsplit(link).query)] == ["identifier", "gender", "_count", "_page"]


def test_what_is_known_says_nothing_beside_the_matches(many: None, call: Caller) -> None:
    bundle = call("nurse", "/fhir/Patient?family=amber&_sort=birthdate&_total=accurate", headers=LENIENT).json()
    assert {one["search"]["mode"] for one in bundle["entry"]} == {"match"}
    (link,) = [one["url"] for one in bundle["link"] if one["relation"] == "self"]
    assert ("_sort", "birthdate") in parse_qsl(urlsplit(link).query)


def test_a_modifier_is_never_left_out(cast: Cast, call: Caller) -> None:
    """R4: a server that does not know a modifier rejects the search; without it the search would mean something else."""
    known = ("family:exact=Amberlake", "_id:not=1", "_include:iterate=Patient:organization")
    for given, headers in product(known, (STRICT, LENIENT)):
        answer = call("nurse", f"/fhir/Patient?{given}", headers=headers)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "not-supported")


def test_a_value_that_cannot_be_is_an_error_even_to_the_lenient(cast: Cast, call: Caller) -> None:
    assert call("nurse", "/fhir/Patient?birthdate=yesterday", headers=LENIENT).status_code == 400


def test_the_current_version_is_read_and_no_other(many: None, cast: Cast, call: Caller) -> None:
    for kind in TYPES:
        one = by_mode(call("nurse", f"/fhir/{kind}").json(), "match")[0]
        at = f"/fhir/{kind}/{one['id']}"
        version = one.get("meta", {}).get("versionId")
        assert bool(version) is SHELVES[kind].is_of_patients
        if version:
            answer = call("nurse", f"{at}/_history/{version}")
            assert answer.json() == one
            assert answer.headers["ETag"] == f'W/"{version}"'
            assert call("stranger", f"{at}/_history/{version}").status_code == 404
        for gone in (f"{at}/_history/{int(version or 0) + 1}", f"{at}/_history/None", f"{at}/_history"):
            answer = call("nurse", gone)
            assert (answer.status_code, answer.json()["issue"][0]["code"]) == (404, "not-supported")
    assert call("nurse", "/fhir/Patient/999999/_history/1").json()["issue"][0]["code"] == "not-found"
    bound: Any = {"scopes": ("patient/*.rs",), "patient": cast.patient}
    for other in _others(cast):
        assert call("nurse", f"/fhir/Patient/{other}/_history/1", **bound).json()["issue"][0]["code"] == "not-found"


def test_the_statement_says_what_is_done_and_no_more(many: None, call: Caller) -> None:
    (rest,) = call("nurse", "/fhir/metadata").json()["rest"]
    for told in ("_sort", "_include", "_revinclude", "handling=lenient", "_history", "_count", "200"):
        assert told in rest["documentation"]
    for one in rest["resource"]:
        kind, shelf = one["type"], SHELVES[one["type"]]
        acts = {each["code"] for each in one["interaction"]}
        assert (one["versioning"] != "no-version") is shelf.is_of_patients
        assert not acts & {"vread", "history-instance", "history-type", "delete", "patch"}
        assert one["readHistory"] is one["updateCreate"] is one["conditionalUpdate"] is False
        assert "searchRevInclude" not in one
        for include in one.get("searchInclude", ()):
            assert call("nurse", f"/fhir/{kind}?_include={include}", headers=STRICT).status_code == 200
        sorts = one.get("documentation", "").removeprefix("_sort: ").split(", ")
        assert tuple(name for name in sorts if name) == shelf.sorts
        for each in (*(name for name in sorts if name),):
            assert call("nurse", f"/fhir/{kind}?_sort=-{each}", headers=STRICT).status_code == 200
        named = {each["name"] for each in one["searchParam"]}
        assert named == {"_id", *shelf.parameters}
        assert not named & {*_RESULT, "_sort", "_include"}


def test_the_format_asked_for_in_the_address_goes_before_the_header(cast: Cast, call: Caller) -> None:
    for named, status in (("json", 200), ("application/fhir%2Bjson", 200), ("xml", 406)):
        answer = call("nurse", f"/fhir/Patient?_format={named}", headers={"Accept": "application/fhir+xml"})
        assert answer.status_code == status
