"""Patients that come in as FHIR: added once, changed under their version, refused where they are no Patients."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.cast import Cast
from tests.web.fhir_calls import Caller

from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api.models import PatientIdentifier
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import acting_in

MRN = {"system": "urn:oid:1.2.3.4.5.1", "value": "SMK1"}
ADA: dict[str, Any] = {
    "resourceType": "Patient", "identifier": [MRN], "name": [{"family": "Winter", "given": ["Ada", "Lou"]}], "gender": "female",
    "birthDate": "1951-02-03", "telecom": [{"system": "phone", "value": "217-555-0100"}],
    "address": [{"line": ["1 Example Way"], "city": "Springfield", "state": "IL", "postalCode": "62701"}],
}  # fmt: skip
NEW = "/fhir/Patient"


@pytest.fixture
def call(cast: Cast) -> Caller:
    return Caller(cast)


def add(call: Caller, body: Any = None, role: str = "nurse", **more: Any) -> Any:
    return call(role, NEW, method="post", body=ADA if body is None else body, **more)


def test_a_patient_is_added_and_read_back(cast: Cast, call: Caller) -> None:
    made = add(call)
    told = made.json()
    assert (made.status_code, made.headers["ETag"]) == (201, 'W/"1"')
    assert made.headers["Location"] == f"http://testserver/fhir/Patient/{told['id']}/_history/1"
    assert MRN in told["identifier"]
    read = call("nurse", f"{NEW}/{told['id']}")
    assert (read.json(), read.headers["ETag"]) == (told, 'W/"1"')
    with acting_in(cast.clinic):
        row = Patient.objects.get(pk=told["id"])
        assert (row.family_name, row.given_name, str(row.born_on), row.sex) == (
            "Winter",
            "Ada Lou",
            "1951-02-03",
            "female",
        )
        assert (row.phone, row.city, row.zip) == ("2175550100", "Springfield", "62701")
        event = AuditEvent.objects.get(action="patient.added")
    assert (event.patient_ref, event.who) == (row.pk, str(cast["nurse"].user))
    found = call("nurse", NEW, data={"identifier": f"{MRN['system']}|{MRN['value']}"}).json()
    assert [one["resource"]["id"] for one in found["entry"]] == [told["id"]]
    assert call("stranger", f"{NEW}/{told['id']}").status_code == 404


def test_the_same_patient_is_added_once(cast: Cast, call: Caller) -> None:
    condition = {"If-None-Exist": f"identifier={MRN['system']}|{MRN['value']}"}
    first = add(call, headers=condition)
    again = add(call, headers=condition)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    assert add(call).status_code == 409, "and without the condition the identifier is taken"
    assert add(call, headers={"If-None-Exist": "family=Winter"}).status_code == 412
    with acting_in(cast.clinic):
        assert PatientIdentifier.objects.count() == 1
        reads = AuditEvent.objects.filter(action="fhir.Patient.read", patient_ref=first.json()["id"])
        assert reads.count() == 2, "who is told of a patient has looked at the chart"


def test_demographics_change_under_the_version_that_stands(cast: Cast, call: Caller) -> None:
    made = add(call).json()
    path = f"{NEW}/{made['id']}"
    moved = {**ADA, "id": made["id"], "address": [{"line": ["9 Example Way"], "city": "Peoria"}], "birthDate": None}
    moved.pop("birthDate")
    changed = call("nurse", path, method="put", body=moved, headers={"If-Match": 'W/"1"'})
    assert (changed.status_code, changed.json()["address"][0]["city"], changed.headers["ETag"]) == (
        200,
        "Peoria",
        'W/"2"',
    )
    assert changed.json()["birthDate"] == "1951-02-03", "what is not told stays"
    stale = call("nurse", path, method="put", body=moved, headers={"If-Match": 'W/"1"'})
    assert stale.status_code == 412
    with acting_in(cast.clinic):
        event = AuditEvent.objects.get(action="patient.changed")
    assert (event.before["city"], event.after["city"]) == ("Springfield", "Peoria")


def test_what_says_nothing_new_changes_no_version_and_a_new_identifier_does(cast: Cast, call: Caller) -> None:
    made = add(call).json()
    path = f"{NEW}/{made['id']}"
    same = call("nurse", path, method="put", body={**ADA, "id": made["id"]})
    assert (same.status_code, same.headers["ETag"]) == (200, 'W/"1"')
    other = {"system": "urn:oid:9", "value": "N7"}
    named = call("nurse", path, method="put", body={**ADA, "id": made["id"], "identifier": [MRN, other]})
    assert (named.headers["ETag"], other in named.json()["identifier"]) == ('W/"2"', True)
    with acting_in(cast.clinic):
        event = AuditEvent.objects.get(action="identifier.added")
        assert not AuditEvent.objects.filter(action="patient.changed").exists()
    assert (event.patient_ref, event.after) == (int(made["id"]), other)


@pytest.mark.parametrize("id_", ["9" * 40, "0x1", "-1"])
def test_a_number_that_no_row_has_is_not_there(cast: Cast, call: Caller, id_: str) -> None:
    body = {"resourceType": "Patient", "id": id_}
    assert call("nurse", f"{NEW}/{id_}", method="put", body=body).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"notAnElement": True}, 422),
        ({"name": "Winter"}, 422),
        ({"name": ["Winter"]}, 422),
        ({"birthDate": ["1951"]}, 422),
        ({"gender": "f"}, 422),
        ({"name": [{"family": "Winter\x00"}]}, 422),
        ({"address": [{"line": ["x" * 200]}]}, 422),
        ({"identifier": [{"system": "urn:x", "value": str(n)} for n in range(30)]}, 422),
        ({"resourceType": "Person"}, 400),
    ],
)
def test_what_is_no_patient_is_refused_and_repeated_nowhere(
    cast: Cast, call: Caller, change: dict[str, Any], status: int
) -> None:
    answer = add(call, {**ADA, **change})
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert b"Winter" not in answer.content
    with acting_in(cast.clinic):
        assert Patient.objects.count() == 1


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b"x" * 6_000_000, 413), (b"[" * 5000, 400)])
def test_a_body_that_is_none_is_refused(cast: Cast, call: Caller, body: bytes, status: int) -> None:
    assert add(call, body).status_code == status


def test_only_who_may_write_charts_writes(cast: Cast, call: Caller) -> None:
    path = f"{NEW}/{cast.patient.pk}"
    body = {"resourceType": "Patient", "id": str(cast.patient.pk), "name": [{"family": "Taken"}]}
    for role, status in (
        ("biller", 403),
        ("compliance", 403),
        ("administrator", 403),
        ("stranger", 404),
        ("auditor", 401),
    ):
        assert call(role, path, method="put", body=body).status_code == status, role
    assert call("nurse", path, method="put", body=body, scopes=("system/*.rs",)).status_code == 403
    assert add(call, role="biller").status_code == 403
    assert add(call, scopes=("system/Patient.u",)).status_code == 403
    assert add(call, scopes=("patient/*.cruds",), patient=cast.patient).status_code == 403
    with acting_in(cast.clinic):
        assert Patient.objects.get(pk=cast.patient.pk).family_name == "Amberlake"


def test_an_identifier_means_one_patient(cast: Cast, call: Caller) -> None:
    made = add(call).json()
    body = {"resourceType": "Patient", "id": str(cast.patient.pk), "identifier": [MRN]}
    assert call("nurse", f"{NEW}/{cast.patient.pk}", method="put", body=body).status_code == 409
    wrong = {**ADA, "id": "77"}
    assert call("nurse", f"{NEW}/{made['id']}", method="put", body=wrong).status_code == 400
    elsewhere = add(call, role="stranger")
    assert elsewhere.status_code == 201, "another organisation's patient may have the same number"
