"""Bulk import from a server that we did not write, with sign-in, interruption and changes since."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.fhir_server.conftest import CLIENT_ID, Server

from careledger.cli.main import group
from careledger.fhir.server import bulk
from careledger.fhir.server.bulk import STATE, BulkExport, deletions, merge
from careledger.fhir.server.login import Client, ServerError, Session

pytestmark = pytest.mark.xdist_group("fhir_server")


def patient(id_: str, family: str = "Reed") -> dict[str, Any]:
    return {
        "resourceType": "Patient", "id": id_, "name": [{"family": family, "given": ["Ada"]}], "birthDate": "1948-05-06",
        "gender": "female", "generalPractitioner": [{"reference": "Practitioner/dr-a"}],
    }  # fmt: skip


def filled(server: Server, patients: int = 3) -> None:
    server.put({"resourceType": "Practitioner", "id": "dr-a", "name": [{"family": "Lake"}]})
    for number in range(patients):
        server.put(patient(f"p{number}"))
        server.put({
            "resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{number}"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]},
        })  # fmt: skip


def by_command(server: Server, out: Path, *further: str) -> tuple[int, str]:
    told = [
        "import",
        "fhir-server",
        server.base,
        "--out",
        str(out),
        "--client-id",
        CLIENT_ID,
        "--key",
        str(server.key_file),
    ]
    result = CliRunner().invoke(group, [*told, "--kid", "k1", "--scope", "system/*.*", *further])
    return result.exit_code, result.output if result.exception is None else f"{result.output}{result.exception}"


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open() as text:
        return list(csv.DictReader(text))


def test_it_imports_everything_and_then_what_changed(server: Server, tmp_path: Path) -> None:
    filled(server)
    status, says = by_command(server, tmp_path / "tables")
    assert status == 0, says
    assert "everything: 3 Condition, 3 Patient" in says
    assert [row["patient_id"] for row in rows(tmp_path / "tables", "patients")] == ["p0", "p1", "p2"]
    assert len(rows(tmp_path / "tables", "conditions")) == 3
    assert {row["biller_id"] for row in rows(tmp_path / "tables", "panel")} == {"dr-a"}

    server.put(patient("p1", "Winter"))
    server.put(patient("p3"))
    status, says = by_command(server, tmp_path / "tables")
    assert "changed since" in says
    assert "2 Patient" in says
    named = {row["patient_id"]: row["family_name"] for row in rows(tmp_path / "tables", "patients")}
    assert named == {"p0": "Reed", "p1": "Winter", "p2": "Reed", "p3": "Reed"}
    assert len(rows(tmp_path / "tables", "conditions")) == 3

    server.delete("Condition/c2")
    status, says = by_command(server, tmp_path / "tables", "--everything")
    assert "everything" in says
    assert len(rows(tmp_path / "tables", "conditions")) == 2
    assert "Winter" not in says


def test_it_goes_on_where_a_download_broke_off(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(server)
    fetched: list[str] = []
    honest = BulkExport._fetch

    def broken(self: BulkExport, url: str, file: Path, *, signed: bool) -> None:
        fetched.append(url)
        if len(fetched) == 2:
            raise ServerError("the download broke off")
        honest(self, url, file, signed=signed)

    monkeypatch.setattr(BulkExport, "_fetch", broken)
    with server.session() as session:
        with pytest.raises(ServerError):
            BulkExport(session, tmp_path).run()
        assert not (tmp_path / "mirror").exists()
        found = BulkExport(session, tmp_path).run()
    assert found.read["Patient"] == found.read["Condition"] == 3
    assert fetched.count(fetched[0]) == 1


def test_it_goes_on_waiting_for_an_export_that_was_asked_for(server: Server, tmp_path: Path) -> None:
    filled(server)
    with server.session() as session:
        with pytest.raises(ServerError, match="run again to go on waiting"):
            BulkExport(session, tmp_path, patience_s=-1).run()
        asked = json.loads((tmp_path / STATE).read_text())["status"]
        told: list[str] = []
        found = BulkExport(session, tmp_path, progress=told.append).run()
    assert asked
    assert "the server prepares the export" not in told
    assert found.read["Patient"] == 3


def test_an_export_the_server_forgot_is_asked_for_anew(server: Server, tmp_path: Path) -> None:
    filled(server)
    with server.session() as session:
        with pytest.raises(ServerError):
            BulkExport(session, tmp_path, patience_s=-1).run()
        status = json.loads((tmp_path / STATE).read_text())["status"]
        session.request("DELETE", status)
        assert BulkExport(session, tmp_path).run().read["Patient"] == 3


def test_a_foreign_key_is_refused_without_telling_secrets(server: Server, tmp_path: Path) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    client = Client(CLIENT_ID, other.decode(), "k1")
    assert "PRIVATE" not in repr(client)
    with (
        Session(server.base, client) as session,
        pytest.raises(ServerError, match="invalid_client"),
    ):
        BulkExport(session, tmp_path).run()


def test_a_key_that_is_none_is_told() -> None:
    with Session("http://127.0.0.1:9/fhir", Client("x", "no key")) as session:
        session._http = httpx.Client(transport=httpx.MockTransport(_well_known))
        with pytest.raises(ServerError, match="the key cannot sign with RS384"):
            session.request("GET", session.url("Patient"))


def _well_known(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"token_endpoint": "https://ehr.example/token"})


@pytest.mark.parametrize("address", ["http://ehr.example/fhir", "ftp://ehr.example", "ehr.example"])
def test_patient_data_travels_encrypted_only(address: str) -> None:
    with pytest.raises(ServerError, match="encrypted only"):
        Session(address)


def test_the_token_stays_with_the_server_that_was_named() -> None:
    with Session("https://ehr.example/fhir") as session, pytest.raises(ServerError, match="the token stays here"):
        session.request("GET", "https://elsewhere.example/file")


def test_a_busy_server_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("careledger.fhir.server.login._wait", waited.append)
    answers = iter([httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(503), httpx.Response(200)])
    with Session("https://ehr.example/fhir") as session:
        session._http = httpx.Client(transport=httpx.MockTransport(lambda _: next(answers)))
        assert session.request("GET", session.url("Patient")).status_code == 200
    assert waited == [7.0, 2.0]


def test_a_lost_connection_is_tried_again_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("careledger.fhir.server.login._wait", waited.append)

    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone", request=request)

    with Session("https://ehr.example/fhir") as session:
        session._http = httpx.Client(transport=httpx.MockTransport(lost))
        with pytest.raises(ServerError, match="cannot be reached"):
            session.request("GET", session.url("Patient"))
    assert len(waited) == 4


def test_another_server_needs_another_folder(tmp_path: Path) -> None:
    (tmp_path / STATE).write_text(json.dumps({"base": "https://other.example/fhir"}))
    with Session("https://ehr.example/fhir") as session, pytest.raises(ServerError, match="another server"):
        BulkExport(session, tmp_path).run()


def test_the_server_names_what_is_gone(tmp_path: Path) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": "Patient/p1"}}]}
    (tmp_path / "gone.ndjson").write_text(json.dumps(bundle) + "\n")
    gone = set(deletions(tmp_path / "gone.ndjson"))
    for id_ in ("p1", "p2"):
        with (tmp_path / "new.ndjson").open("a") as out:
            out.write(json.dumps(patient(id_)) + "\n")
    assert merge(tmp_path / "mirror", "Patient", [tmp_path / "new.ndjson"], gone, whole=True) == 2
    assert [json.loads(line)["id"] for line in (tmp_path / "mirror" / "Patient.ndjson").read_text().splitlines()] == [
        "p2"
    ]


def test_a_file_that_never_ends_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(server)
    monkeypatch.setattr(bulk, "MAX_BYTES", 100)
    with server.session() as session, pytest.raises(ServerError, match="larger than"):
        BulkExport(session, tmp_path).run()
