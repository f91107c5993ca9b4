"""Imports: looked at before a row is written, each fault where it stands, nothing doubled, hostile files refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.cast import Cast

from careledger.web.audit.models import AuditEvent
from careledger.web.intake import guard
from careledger.web.intake.models import FhirServer, Import
from careledger.web.patients.models import Condition, Coverage, Panel, Patient, Stay
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.models import TimeEntry
from careledger.web.work.actions import do_all
from careledger.web.work.models import Job

As = Callable[[str], Client]
ROSTER = """MRN,Last Name,First Name,DOB,Gender,Insurance,MBI,PCP,Dx
a1,Lakewood,Ann,5/6/1948,F,Medicare,1EG4TE5MK73,Given Practitioner,"I10; e11.9"
a2,Stonebrook,Bo,1950-02-30,M,Medicare,,dr-1,
a3,Fernhill,Cy,1/2/1951,X,,,nobody,I10
"""
LOG = """Log ID,MRN,Staff,Start,End,Activity,Notes
1,p1,rn-1,2026-11-03T10:00,2026-11-03T10:12,call_patient,Called
2,p1,rn-1,2026-11-04T10:00,2026-11-04T09:00,call_patient,Called
3,zz,rn-1,2026-11-05T10:00,2026-11-05T10:05,call_patient,Called
4,p1,rn-1,2026-12-05T10:00,2026-12-05T10:05,call_patient,Called
"""


@pytest.fixture
def own_folder(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[Cast]:
    settings.DATA = tmp_path
    with acting_in(cast.clinic):
        yield cast


def upload(client: Client, what: str, name: str, content: str | bytes) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/settings/imports/", {"what": what, "file": SimpleUploadedFile(name, raw)})


def columns(client: Client, address: str, **more: str) -> dict[str, str]:
    """The columns as the page proposes them."""
    form = client.get(address).context["form"]
    told = {name: str(form[name].value() or "") for name in form.fields}
    return {**{name: text for name, text in told.items() if text not in ("", "False")}, **more}


def brought(client: Client, what: str, name: str, content: str | bytes, **more: str) -> str:
    """Upload, name the columns, and have it read; returns the import's address."""
    answer = upload(client, what, name, content)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    address: str = answer.headers["Location"]
    if Import.objects.get(pk=address.split("/")[-2]).state == "mapping":
        sent = client.post(address, columns(client, address, **more))
        assert sent.status_code == 302, sent.context["form"].errors
    do_all()
    return address


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


def fhir(*resources: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def test_a_roster_is_mapped_looked_at_and_written_without_its_faulty_rows(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    address = brought(client, "table:roster", "patients.csv", ROSTER, us_days="on")
    page = client.get(address).content.decode()
    row = Import.objects.get()
    assert (row.state, row.report["new_patients"]) == ("ready", 1)
    told = {(one["where"], one["field"]): (one["problem"], one["mend"]) for one in row.report["faults"]}
    assert told["3", "born_on"] == (
        "this is no day",
        "write the day as YYYY-MM-DD; days stand as YYYY-MM-DD, not in US order",
    )
    assert told["4", "sex"][1] == "write one of female, male, unknown"
    assert sorted(told) == [("3", "born_on"), ("4", "practitioner"), ("4", "sex")]
    assert "Write one of female, male, unknown" in page
    for name in ("Lakewood", "Stonebrook", "1948"):
        assert name not in page
    assert Patient.objects.count() == 1
    for _ in range(2):
        client.post(f"{address}write/")
    do_all()
    client.post(f"{address}write/")
    do_all()
    patient = Patient.objects.get(code="a1")
    assert (patient.born_on, patient.sex) == (date(1948, 5, 6), "female")
    assert Coverage.objects.get(patient=patient).payer == "medicare_ffs"
    assert Panel.objects.get(patient=patient).biller.code == "dr-1"
    assert sorted(Condition.objects.filter(patient=patient).values_list("icd10", flat=True)) == ["E11.9", "I10"]
    assert Import.objects.get().state == "done"
    assert AuditEvent.objects.filter(action="import.written").count() == 1


def test_the_same_roster_twice_doubles_nothing_and_a_later_one_brings_what_is_new(
    own_folder: Cast, as_role: As
) -> None:
    client, good = as_role("administrator"), "\n".join(ROSTER.splitlines()[:2])
    for _ in range(2):
        address = brought(client, "table:roster", "patients.csv", good, us_days="on")
        client.post(f"{address}write/")
        do_all()
    second = Import.objects.first()
    assert (second.report["new_patients"], second.report["changed_patients"]) == (0, 0)
    counts = [model.objects.filter(patient__code="a1").count() for model in (Coverage, Panel, Condition)]
    assert counts == [1, 1, 2]
    before = Patient.objects.get(code="a1").revision
    later = good.replace("I10; e11.9", "I10; e11.9; N18.30").replace("Medicare,1EG4TE5MK73", "Medicare,1EG4TE5MK99")
    address = brought(client, "table:roster", "patients.csv", later, us_days="on")
    assert Patient.objects.get(code="a1").revision == before
    client.post(f"{address}write/")
    do_all()
    assert Condition.objects.filter(patient__code="a1").count() == 3
    assert Coverage.objects.get(patient__code="a1").member_id == "1EG4TE5MK99"
    assert Patient.objects.get(code="a1").revision == before + 1


def test_a_time_log_tells_every_fault_by_its_line_and_counts_once(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    first = upload(client, "timelog", "log.csv", LOG).headers["Location"]
    unnamed = client.post(first, columns(client, first))
    assert (unnamed.status_code, b"one program for every row" in unnamed.content) == (422, True)
    for _ in range(2):
        address = brought(client, "timelog", "log.csv", LOG, every_program="ccm")
        client.post(f"{address}write/")
        do_all()
    row = Import.objects.order_by("pk").first()
    told = {one["where"]: (one["field"], one["problem"]) for one in row.report["faults"]}
    assert told == {
        "3": ("end", "the entry ends before or when it starts"),
        "4": ("patient_id", "no patient has this id"),
        "5": ("start", "the entry lies in the future"),
    }
    assert TimeEntry.objects.count() == 1
    assert "imported" in TimeEntry.objects.get().flags
    last = Import.objects.order_by("pk").last()
    assert (last.report["entries_there"], last.report["added"]) == (1, {})
    other = LOG.replace("10:12", "10:15")
    brought(client, "timelog", "log.csv", other, every_program="ccm")
    faults = Import.objects.order_by("pk").last().report["faults"]
    assert ("2", "entry_id") in {(one["where"], one["field"]) for one in faults}


def test_work_brought_for_a_known_patient_has_the_month_decided_anew(own_folder: Cast, as_role: As) -> None:
    before = Patient.objects.get(code="p1").revision
    client = as_role("administrator")
    address = brought(client, "timelog", "log.csv", "\n".join(LOG.splitlines()[:2]), every_program="ccm")
    assert Patient.objects.get(code="p1").revision == before
    client.post(f"{address}write/")
    do_all()
    assert Patient.objects.get(code="p1").revision > before


def test_fhir_resources_bring_patients_and_know_people_by_their_npi(own_folder: Cast, as_role: As) -> None:
    Person.objects.filter(code="dr-1").update(npi="1932102084")
    system = "http://hl7.org/fhir/sid/us-npi"
    doctor = {
        "resourceType": "Practitioner", "id": "ehr-9", "identifier": [{"system": system, "value": "1932102084"}],
        "name": [{"family": "Lake", "given": ["Dana"]}], "qualification": [{"code": {"text": "MD"}}],
    }  # fmt: skip
    patient = {
        "resourceType": "Patient", "id": "f1", "birthDate": "1949-01-01", "gender": "female",
        "name": [{"family": "Oakmere", "given": ["Fay"]}],
        "generalPractitioner": [{"reference": "Practitioner/ehr-9"}],
    }  # fmt: skip
    client = as_role("administrator")
    text = fhir(doctor, patient) + '{"resourceType": "Patient", "id": \n'
    address = brought(client, "fhir", "export.ndjson.gz", gzip.compress(text.encode()))
    row = Import.objects.get()
    assert row.report["new_patients"] == 1
    assert row.report["faults"][0]["where"] == "export.ndjson.gz:3"
    client.post(f"{address}write/")
    do_all()
    assert Panel.objects.get(patient__code="f1").biller.code == "dr-1"
    assert not Person.objects.filter(code="ehr-9").exists()
    address = brought(client, "fhir", "export.ndjson", fhir(doctor, patient))
    assert b"This would change nothing" in client.get(address).content


def test_a_stay_that_ends_in_the_electronic_record_ends_here(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    people = "patient_id,kind,since,until\np1,inpatient,2026-11-01,\n"
    for text in (people, people.replace("11-01,", "11-01,2026-11-09")):
        address = brought(client, "table:stays", "stays.csv", text)
        client.post(f"{address}write/")
        do_all()
    assert [row.until for row in Stay.objects.filter(patient__code="p1")] == [date(2026, 11, 9)]


def test_what_the_clinic_wrote_stays_when_the_import_says_otherwise(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    told = "patient_id,icd10,chronic,expected_months,complex\np1,I10,false,2,true\n"
    address = brought(client, "table:conditions", "conditions.csv", told)
    client.post(f"{address}write/")
    do_all()
    row = Condition.objects.get(patient__code="p1", icd10="I10")
    assert (row.chronic, row.expected_months, row.complex) == (True, 12, True)


def test_a_folder_of_tables_comes_in_as_the_command_line_reads_it(own_folder: Cast, as_role: As) -> None:
    tables = zipped(
        patients__csv="patient_id,born_on\nz1,1950-01-01\nz2,01/02/1950\n",
        panel__csv="patient_id,biller_id\nz1,dr-1\n",
        **{"../../evil__csv": "x", "notes__txt": "x"},
    )
    client = as_role("administrator")
    address = brought(client, "folder", "tables.zip", tables)
    row = Import.objects.get()
    assert row.report["new_patients"] == 1
    assert [one["where"] for one in row.report["faults"]] == ["patients.csv:3 (patient z2)"]
    client.post(f"{address}write/")
    do_all()
    assert Panel.objects.get(patient__code="z1").biller.code == "dr-1"


def test_a_table_that_cannot_be_used_goes_back_to_its_columns(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    address = upload(client, "table:stays", "stays.csv", 'patient,from\np1,"2026\n').headers["Location"]
    assert b"not closed" in client.get(address, follow=True).content
    address = brought(client, "table:stays", "stays.csv", "patient_id,kind,since\np1,inpatient,2026-11-01\n")
    client.post(f"{address}columns/")
    doubled = client.post(address, {"column_patient_id": "kind", "column_kind": "kind", "column_since": "since"})
    assert (doubled.status_code, b"chosen twice" in doubled.content) == (422, True)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Patient.ndjson", b" " * 4_000_000)
    return out.getvalue()


def encrypted() -> bytes:
    raw = bytearray(zipped(Patient__ndjson="{}"))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(sign) + offset] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("what", "name", "content", "says"),
    [
        ("fhir", "export.exe", b"MZ", "files that end in"),
        ("fhir", "export.ndjson", b"", "empty"),
        ("fhir", "export.ndjson", b"MZ\x90\x00", "no JSON"),
        ("fhir", "export.json", b"patient,name\n", "does not begin with a JSON object"),
        ("fhir", "export.zip", b"PK\x03\x04cut", "cut or broken"),
        ("fhir", "export.zip", zipped(readme__md="x"), "no FHIR file"),
        ("fhir", "export.zip", encrypted(), "encrypted"),
        ("fhir", "export.zip", bomb(), "unpacks to more"),
        ("fhir", "export.ndjson.gz", gzip.compress(b" " * 4_000_000), "unpacks to more"),
        ("fhir", "export.ndjson.gz", gzip.compress(b"{}")[:-6], "cut or broken"),
        ("folder", "tables.zip", zipped(readme__md="x"), "holds no table"),
        ("timelog", "log.csv", b"\x00\x01", "no text file"),
        ("timelog", "log.csv", b"x" * 2_500_000, "larger than 2 MB"),
    ],
    ids=range(13),  # what is packed has the hour in it, and every process must know a test by the same name
)
def test_an_oversized_wrong_or_hostile_upload_is_refused_with_its_reason(
    own_folder: Cast, as_role: As, monkeypatch: pytest.MonkeyPatch, what: str, name: str, content: bytes, says: str
) -> None:
    monkeypatch.setattr(guard, "MAX_UNPACKED", 2_000_000)
    monkeypatch.setitem(guard.MAX_MB, "timelog", 2)
    answer = upload(as_role("administrator"), what, name, content)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()


def test_an_import_that_is_dropped_leaves_no_file(
    own_folder: Cast, as_role: As, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    client = as_role("administrator")
    address = upload(client, "table:roster", "patients.csv", ROSTER).headers["Location"]
    assert upload(client, "table:roster", "patients.csv", ROSTER).headers["Location"] == address
    assert list((tmp_path / "intake").rglob("upload.csv"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{address}drop/")
    assert not list((tmp_path / "intake").rglob("upload.csv"))
    client.post(f"{address}write/")
    assert (Import.objects.get().state, Job.objects.count()) == ("dropped", 0)


def test_imports_of_another_organisation_are_not_there(own_folder: Cast, as_role: As) -> None:
    address = upload(as_role("administrator"), "table:roster", "patients.csv", ROSTER).headers["Location"]
    own_folder.stranger.role = "administrator"
    own_folder.stranger.save()
    stranger = as_role("stranger")
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}drop/").status_code == 404
    assert Import.objects.get().state == "mapping"


def key_pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP384R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def as_new(client: Client) -> Client:
    """The client said a moment ago who it is."""
    client.post("/account/reauthenticate/", {"password": "a passphrase for tests"})
    return client


def test_the_servers_key_is_kept_for_the_service_and_shown_to_nobody(
    own_folder: Cast, as_role: As, tmp_path: Path
) -> None:
    client, pem = as_new(as_role("administrator")), key_pem()
    told = {"address": "https://ehr.example/fhir", "client_id": "us", "algorithm": "ES384", "scope": "system/*.rs"}
    wrong = client.post("/settings/imports/server/", {**told, "key": SimpleUploadedFile("k.pem", b"not a key")})
    assert (wrong.status_code, b"no private key" in wrong.content) == (422, True)
    plain = client.post("/settings/imports/server/", {**told, "address": "http://ehr.example/fhir"})
    assert plain.status_code == 422
    sent = client.post("/settings/imports/server/", {**told, "key": SimpleUploadedFile("k.pem", pem)})
    assert sent.status_code == 302
    (file,) = (tmp_path / "intake").rglob("key.pem")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (pem, 0o600)
    secret = pem.decode().splitlines()[1]
    assert secret not in client.get("/settings/imports/server/").content.decode()
    assert secret not in json.dumps([event.after for event in AuditEvent.objects.all()])
    assert FhirServer.objects.get().key_mark
    client.post("/settings/imports/server/", {**told, "group": "all"})
    assert file.read_bytes() == pem


def test_a_server_that_cannot_be_reached_is_told_and_can_be_tried_again(
    own_folder: Cast, as_role: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    from careledger.fhir.server import login

    monkeypatch.setattr(login, "PATIENCE", 0)
    FhirServer.objects.create(address="http://127.0.0.1:9/fhir")
    client = as_role("administrator")
    address = client.post("/settings/imports/server/begin/").headers["Location"]
    client.post("/settings/imports/server/begin/")
    assert Import.objects.count() == 1
    do_all()
    assert "cannot be reached" in client.get(address).content.decode()
    assert client.post("/settings/imports/server/begin/").headers["Location"] != address


def test_everything_of_the_organisation_and_nobody_elses_is_exported(own_folder: Cast, as_role: As) -> None:
    client = as_role("administrator")
    assert "/account/reauthenticate/" in client.post("/settings/export/begin/").headers["Location"]
    as_new(client)
    job = client.post("/settings/export/begin/").headers["Location"]
    assert client.post("/settings/export/begin/").headers["Location"] == job
    number = int(job.split("/")[-2])
    assert client.get(f"/settings/export/{number}/").status_code == 404
    from careledger.web.intake import exports

    name = Job.objects.get(pk=number).arguments["name"]
    from careledger.web.keeping import tables

    filters = {model._meta.label_lower: tables._belongs(model, own_folder.clinic.pk) for model in tables._models(False)}
    assert filters["patients.patient"] == {"organisation": own_folder.clinic.pk}
    assert filters["account.emailaddress"] == {"user__memberships__organisation": own_folder.clinic.pk}
    assert exports.archive_of(name).parent.name == "lakeside"
    with pytest.raises(ValueError, match="no such archive"):
        exports.archive_of("../lakeside")
