"""SMART App Launch against a real authorization server: a chart opens for the right person on the right patient, or none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from joserfc.jwk import RSAKey
from tests.web.cast import Cast
from tests.web.conftest import Clock
from tests.web.smart_ehr import CLIENT, SECRET, RecordSystem, running

from careledger.core.errors import InputError
from careledger.fhir.server.app_launch import challenge_of
from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api.ehrs import ehrs
from careledger.web.fhir_api.launch import WAITING
from careledger.web.fhir_api.models import PatientIdentifier
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in

CALLBACK = "http://testserver/smart/callback/lakeside-ehr/"
LAUNCH = "handle-of-this-launch"
KEY = RSAKey.generate_key(2048, private=True)
ADA = {"resourceType": "Patient", "id": "p1", "birthDate": "1948-05-06", "name": [{"family": "Amberlake"}]}


@pytest.fixture
def ehr(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordSystem]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    system = RecordSystem(KEY, {"p1": dict(ADA)}, {CALLBACK}, {LAUNCH: "p1"})
    with running(system):
        yield system


@pytest.fixture
def registered(ehr: RecordSystem, tmp_path: Path, settings: Any) -> Callable[..., None]:
    """Writes the file of record systems; called once more, it says otherwise."""

    def write(**changes: str) -> None:
        told = {
            "id": "lakeside-ehr", "name": "Lakeside EHR", "iss": ehr.iss, "organisation": "lakeside", "client_id": CLIENT,
            "client_secret_file": "secret", **changes,
        }  # fmt: skip
        (tmp_path / "secret").write_text(SECRET + "\n")
        lines = "".join(f"    {name}: {value}\n" for name, value in told.items())
        settings.EHRS = tmp_path / "ehrs.yaml"
        settings.EHRS.write_text("ehrs:\n  -\n" + lines)

    write()
    return write


def begin(client: Client, ehr: RecordSystem, **given: str) -> Any:
    return client.get("/smart/launch/", {"iss": ehr.iss, "launch": LAUNCH, **given})


def let_in(client: Client, ehr: RecordSystem) -> str:
    """From the launch to the address the record system sends the person back to."""
    begun = begin(client, ehr)
    assert begun.status_code == 302, begun.content
    back = httpx.get(begun.headers["Location"])
    assert back.status_code == 302, back.text
    return str(back.headers["Location"])


def come_back(client: Client, address: str, **changes: str) -> Any:
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return client.get(parts.path, {**given, **changes})


def says(answer: Any) -> str:
    return answer.content.decode().split('role="alert">')[1].split("<")[0]


def test_the_chart_of_the_patient_in_context_opens(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client = as_role("nurse")
    opened = come_back(client, let_in(client, ehr))
    assert (opened.status_code, opened.headers["Location"]) == (302, f"/patients/{cast.patient.pk}/")
    assert client.get(opened.headers["Location"]).status_code == 200
    assert "POST /token" in ehr.asked
    assert "GET /fhir/Patient/p1" in ehr.asked
    with acting_in(cast.clinic):
        event = AuditEvent.objects.get(action="smart.launch.read")
    assert (event.patient_ref, event.role) == (cast.patient.pk, "nurse")
    assert ehr.tokens.keys().isdisjoint(str(dict(client.session)).split("'"))


def test_what_is_asked_is_what_smart_asks_for(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client = as_role("nurse")
    address = begin(client, ehr).headers["Location"]
    assert address.startswith(f"{ehr.root}/authorize?")
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    kept = client.session[WAITING][given["state"]]
    assert given == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": CALLBACK, "launch": LAUNCH, "aud": ehr.iss,
        "scope": "launch openid fhirUser patient/Patient.rs", "code_challenge_method": "S256", "nonce": kept["nonce"],
        "state": given["state"], "code_challenge": challenge_of(kept["verifier"]),
    }  # fmt: skip
    assert len(kept["verifier"]) >= 43
    assert len({given["state"], kept["verifier"], kept["nonce"]}) == 3


def test_who_is_not_signed_in_signs_in_first_and_the_launch_goes_on(
    cast: Cast, ehr: RecordSystem, registered: Any
) -> None:
    client = Client()
    asked = begin(client, ehr)
    assert asked.headers["Location"].startswith("/account/login/?next=/smart/launch/")
    assert ehr.asked == []
    form = {"login": "nurse@lakeside.example", "password": "a passphrase for tests"}
    signed = client.post(asked.headers["Location"], form)
    assert signed.headers["Location"].startswith("/smart/launch/")
    begun = client.get(signed.headers["Location"])
    assert begun.headers["Location"].startswith(f"{ehr.root}/authorize?")


@pytest.mark.parametrize("iss", ["https://evil.example/fhir", "", "javascript:alert(1)", "//evil.example"])
def test_a_system_that_is_not_registered_is_never_asked_nor_gone_to(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any, iss: str
) -> None:
    answer = begin(as_role("nurse"), ehr, iss=iss)
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert iss == "" or iss.encode() not in answer.content
    assert ehr.asked == []


def test_another_organisations_system_is_none(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    assert begin(as_role("stranger"), ehr).status_code == 404
    client = as_role("nurse")
    address = let_in(client, ehr)
    registered(organisation="hillcrest")
    assert come_back(client, address).status_code == 404


@pytest.mark.parametrize("role", ["administrator"])
def test_a_role_that_opens_no_chart_opens_none_this_way(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any, role: str
) -> None:
    assert begin(as_role(role), ehr).status_code == 403


def test_an_answer_opens_a_chart_once_in_its_own_session_and_in_time(
    cast: Cast, clock: Clock, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client, other = as_role("nurse"), as_role("practitioner")
    address = let_in(client, ehr)
    assert come_back(other, address).status_code == 400
    assert come_back(client, address, state="x" * 64).status_code == 400
    assert come_back(client, address).status_code == 302
    assert "start again" in says(come_back(client, address))
    late = let_in(client, ehr)
    clock.forward(minutes=11)
    assert come_back(client, late).status_code == 400


def test_one_system_cannot_answer_for_another(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any, settings: Any
) -> None:
    other = settings.EHRS.read_text().split("-\n")[1].replace("lakeside-ehr", "other-ehr")
    settings.EHRS.write_text(settings.EHRS.read_text() + "  -\n" + other.replace(ehr.iss, f"{ehr.root}/other"))
    client = as_role("nurse")
    address = let_in(client, ehr)
    assert come_back(client, address.replace("lakeside-ehr", "other-ehr")).status_code == 400
    mixed = let_in(client, ehr)
    assert "Another system answered" in says(come_back(client, mixed, iss="https://evil.example"))
    assert "POST /token" not in ehr.asked
    assert come_back(client, let_in(client, ehr), iss=ehr.iss).status_code == 302


def test_a_system_that_says_it_names_itself_must_do_so(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    ehr.bend["configuration"] = {"authorization_response_iss_parameter_supported": True}
    client = as_role("nurse")
    assert come_back(client, let_in(client, ehr)).status_code == 400
    assert come_back(client, let_in(client, ehr), iss=ehr.iss).status_code == 302


def test_a_stolen_code_is_worth_nothing_without_the_verifier(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client = as_role("nurse")
    address = let_in(client, ehr)
    session = client.session
    (kept,) = session[WAITING].values()
    kept["verifier"] = "a" * 64
    session.save()
    answer = come_back(client, address)
    assert (answer.status_code, ehr.tokens) == (502, {})


@pytest.mark.parametrize(
    ("bend", "status"),
    [
        ({"configuration": {"code_challenge_methods_supported": ["plain"]}}, 502),
        ({"configuration": {"token_endpoint": None}}, 502),
        ({"configuration": {"authorization_endpoint": "http://ehr.example/authorize"}}, 502),
    ],
)
def test_a_system_without_what_keeps_a_launch_safe_is_not_gone_to(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any, bend: dict[str, Any], status: int
) -> None:
    ehr.bend = bend
    answer = begin(as_role("nurse"), ehr)
    assert (answer.status_code, "Location" in answer.headers) == (status, False)


@pytest.mark.parametrize(
    "bend",
    [
        {"nonce": "of another launch"},
        {"key": RSAKey.generate_key(2048, private=True)},
        {"configuration": {"issuer": "https://someone.else.example"}},
        {"token": {"patient": ""}},
        {"token": {"token_type": "mac"}},
        {"token": {"patient": "p2"}},
    ],
    ids=["nonce", "key", "issuer", "no patient", "token type", "another patient"],
)
def test_what_does_not_hold_opens_no_chart(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any, bend: dict[str, Any]
) -> None:
    client = as_role("nurse")
    ehr.bend = bend
    answer = come_back(client, let_in(client, ehr))
    assert answer.status_code == 502, answer.content
    with acting_in(cast.clinic):
        assert not AuditEvent.objects.filter(action="smart.launch.read").exists()


def test_who_was_not_let_in_there_is_told(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client = as_role("nurse")
    ehr.launches = {}
    begun = begin(client, ehr)
    back = httpx.get(begun.headers["Location"])
    answer = come_back(client, back.headers["Location"])
    assert (answer.status_code, "did not let you in" in says(answer)) == (403, True)


def test_another_birthday_opens_no_chart(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    client = as_role("nurse")
    for told in ("1948-06-05", "1948", None):
        ehr.patients["p1"] = {**ADA, "birthDate": told}
        answer = come_back(client, let_in(client, ehr))
        assert "day of birth differs" in says(answer)
        assert "1948" not in says(answer)


def test_a_patient_who_is_not_here_is_told_and_not_guessed(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    ehr.patients["x1"] = {**ADA, "id": "x1"}
    ehr.launches[LAUNCH] = "x1"
    client = as_role("nurse")
    answer = come_back(client, let_in(client, ehr))
    assert (answer.status_code, "is not in this clinic" in says(answer)) == (404, True)


def test_patients_are_found_by_an_identifier_where_ids_differ(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    registered(patients="urn:oid:1.2.36.146.595.217.0.1")
    with acting_in(cast.clinic):
        PatientIdentifier.objects.create(patient=cast.patient, system="urn:oid:1.2.36.146.595.217.0.1", value="MRN-77")
    number = {"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "MRN-77"}
    ehr.patients["ehr-9"] = {**ADA, "id": "ehr-9", "identifier": [number]}
    ehr.launches[LAUNCH] = "ehr-9"
    client = as_role("nurse")
    assert come_back(client, let_in(client, ehr)).headers["Location"] == f"/patients/{cast.patient.pk}/"
    ehr.patients["ehr-9"] = {**ADA, "id": "ehr-9"}
    assert come_back(client, let_in(client, ehr)).status_code == 404


def test_somebody_else_there_than_here_opens_no_chart(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    ehr.user = "dr-1"
    client = as_role("nurse")
    assert "Someone else is signed in" in says(come_back(client, let_in(client, ehr)))
    doctor = as_role("practitioner")
    assert come_back(doctor, let_in(doctor, ehr)).status_code == 302


def test_the_user_must_be_known_where_that_is_required(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    registered(require_user="true")
    doctor = as_role("practitioner")
    assert "did not name you" in says(come_back(doctor, let_in(doctor, ehr)))
    ehr.practitioners["dr-at-ehr"] = {
        "resourceType": "Practitioner", "id": "dr-at-ehr",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
    }  # fmt: skip
    with acting_in(cast.clinic):
        Person.objects.filter(pk=cast["practitioner"].person_id).update(npi="1234567893")
    assert come_back(doctor, let_in(doctor, ehr)).status_code == 302
    nurse = as_role("nurse")
    assert "Someone else" in says(come_back(nurse, let_in(nurse, ehr)))


def test_a_system_that_is_silent_is_told(
    cast: Cast, as_role: Callable[[str], Client], ehr: RecordSystem, registered: Any
) -> None:
    registered(iss="http://127.0.0.1:9/fhir")
    answer = as_role("nurse").get("/smart/launch/", {"iss": "http://127.0.0.1:9/fhir/", "launch": LAUNCH})
    assert (answer.status_code, "cannot be reached" in says(answer)) == (502, True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"iss": "http://ehr.example/fhir"}, "https"),
        ({"id": '"a/b"'}, "address"),
        ({"client_secret_file": "nowhere"}, "cannot be read"),
        ({"unknown": "x"}, "unknown key"),
        ({"client_id": '""'}, "missing"),
    ],
)
def test_a_wrong_file_says_where_and_what_to_do(registered: Any, changes: dict[str, str], says: str) -> None:
    registered(**changes)
    with pytest.raises(InputError, match=says):
        ehrs()


def test_two_systems_of_one_address_are_refused(registered: Any, settings: Any) -> None:
    settings.EHRS.write_text(settings.EHRS.read_text() + settings.EHRS.read_text().split("ehrs:\n")[1])
    with pytest.raises(InputError, match="share"):
        ehrs()
