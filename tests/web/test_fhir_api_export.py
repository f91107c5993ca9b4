"""Bulk export: asked for, followed, downloaded, released; what changed since; and back in as the same records."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock
from tests.web.fhir_calls import TYPES, Caller, filled

from careledger.core.records import TABLES
from careledger.facts.schema import column_of
from careledger.fhir.importer import import_fhir
from careledger.fhir.server.bulk import deletions
from careledger.web.audit.models import AuditEvent
from careledger.web.fhir_api.exports import folder_of
from careledger.web.fhir_api.models import Export
from careledger.web.patients.actions import record_consent
from careledger.web.patients.charting import remove_row
from careledger.web.patients.models import Condition
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.models import TimeEntry
from careledger.web.work.actions import do_all
from careledger.web.work.models import Job

ASK = {"Prefer": "respond-async"}
LEFT = {"chronic_basis"}
"""What the import works out by itself from its lists."""


@pytest.fixture
def call(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    return Caller(cast)


def test_an_export_holds_what_searches_find(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    begun = call("compliance", "/fhir/$export", headers=ASK)
    where = begun.headers["Content-Location"]
    assert (begun.status_code, where.startswith("http://testserver/fhir/exports/")) == (202, True)
    waiting = call("compliance", where)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert waiting.headers["X-Progress"] == "waiting (0%)"
    do_all()
    done = call("compliance", where)
    told = done.json()
    assert (done.status_code, done.headers["Content-Type"]) == (200, "application/json")
    assert (told["requiresAccessToken"], told["request"]) == (True, "http://testserver/fhir/$export")
    assert told["transactionTime"] == "2026-11-18T17:00:00Z"
    assert done.headers["Expires"] == "Thu, 19 Nov 2026 17:00:00 GMT"
    assert {one["type"] for one in told["output"]} == set(TYPES)
    for one in told["output"]:
        file = call("compliance", one["url"])
        assert file.headers["Content-Type"] == "application/fhir+ndjson"
        lines = [json.loads(line) for line in b"".join(file.streaming_content).splitlines()]
        found = call("compliance", f"/fhir/{one['type']}").json()
        assert lines == [entry["resource"] for entry in found["entry"]]
        assert one["count"] == len(lines)


def test_who_did_not_ask_sees_nothing_of_it(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    told = call.export()
    for role, status in (("administrator", 403), ("nurse", 403), ("stranger", 403)):
        assert call(role, told["where"]).status_code == status
        assert call(role, told["output"][0]["url"]).status_code == status
    cast["director"].role = "compliance"
    cast["director"].save()
    assert call("director", told["where"]).status_code == 404
    assert call("director", told["output"][0]["url"]).status_code == 404
    for name in ("Nobody.ndjson", "..%2F..%2Fsecret", ".part", "Patient.ndjson.part"):
        assert call("compliance", f"{told['where']}/{name}").status_code == 404


def test_released_files_are_gone_and_so_are_old_ones(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    told = call.export()
    with acting_in(cast.clinic):
        folder = folder_of(Export.objects.get())
    assert (folder / "Patient.ndjson").is_file()
    assert (folder.stat().st_mode & 0o777) == 0o700
    assert call("compliance", told["where"], method="delete").status_code == 202
    assert not folder.exists()
    assert call("compliance", told["where"]).status_code == 404
    assert call("compliance", told["output"][0]["url"]).status_code == 404
    old = call.export()
    with acting_in(cast.clinic):
        folder = folder_of(Export.objects.get(released_at=None))
    clock.forward(hours=23)
    call.known.clear()
    assert call("compliance", old["where"]).status_code == 200
    clock.forward(hours=2)
    call.known.clear()
    assert call("compliance", old["where"]).status_code == 404
    call("compliance", "/fhir/$export", headers=ASK)
    assert not folder.exists()


def test_an_export_released_while_it_waits_writes_nothing(cast: Cast, clock: Clock, call: Caller) -> None:
    begun = call("compliance", "/fhir/$export", headers=ASK)
    assert call("compliance", begun.headers["Content-Location"], method="delete").status_code == 202
    do_all()
    with acting_in(cast.clinic):
        assert Job.objects.get().state == "failed"
        assert not folder_of(Export.objects.get()).exists()
        assert Export.objects.get().files is None


def test_a_job_begun_twice_writes_the_same_files_once(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    told = call.export()
    with acting_in(cast.clinic):
        Job.objects.update(state="waiting")
        do_all()
        assert Job.objects.get().result["says"] == "written before"
    assert call("compliance", told["where"]).json()["output"] == told["output"]


def test_a_member_who_lost_the_role_meanwhile_gets_nothing(cast: Cast, clock: Clock, call: Caller) -> None:
    begun = call("compliance", "/fhir/$export", headers=ASK)
    cast["compliance"].role = "biller"
    cast["compliance"].save()
    do_all()
    assert call("compliance", begun.headers["Content-Location"]).status_code == 403
    with acting_in(cast.clinic):
        assert Job.objects.get().state == "failed"


def test_types_and_groups_are_kept_to(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        other = make_patient("p2", cast["practitioner"].person)
        other.statuses.create(program="ccm", status="revoked", on=clock.at.date(), patient=other)
    some = call.export("?_type=Patient,Goal&_type=Consent")
    assert sorted(some["lines"]) == ["Consent", "Goal", "Patient"]
    assert len(some["lines"]["Patient"]) == 2
    group = call.export(path="/fhir/Group/enrolled-ccm/$export")
    assert [one["identifier"][0]["value"] for one in group["lines"]["Patient"]] == ["p1"]
    assert {one["subject"]["reference"] for one in group["lines"]["Condition"]} == {f"Patient/{cast.patient.pk}"}
    assert "Group" not in group["lines"]
    patients = call.export(path="/fhir/Patient/$export")
    assert (len(patients["lines"]["Patient"]), "Group" in patients["lines"]) == (2, False)
    narrow = call.export(scopes=("system/Goal.rs", "system/Practitioner.rs"))
    assert sorted(narrow["lines"]) == ["Goal", "Practitioner"]


def test_since_brings_what_changed_and_tells_what_is_gone(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        other = make_patient("p2", cast["practitioner"].person)
        note_change(cast, other)
    first = call.export()
    since = f"?_since={first['transactionTime']}"
    clock.forward(minutes=1)
    assert {"Patient", "Condition", "Goal"}.isdisjoint(call.export(since)["lines"]), "nothing changed"
    with acting_in(cast.clinic):
        gone = Condition.objects.filter(patient=other).first()
        key = gone.pk
        remove_row(acting_user=cast["nurse"], patient=other, row=gone, reason="another patient's")
    told = call.export(since)
    assert [one["id"] for one in told["lines"]["Patient"]] == [str(other.pk)]
    assert len(told["lines"]["Condition"]) == 1
    (bundle,) = told["lines"]["Bundle"]
    assert bundle["entry"] == [{"request": {"method": "DELETE", "url": f"Condition/{key}"}}]
    assert [one["type"] for one in told["deleted"]] == ["Bundle"]
    later = f"?_since={told['transactionTime']}"
    clock.forward(minutes=1)
    assert not {"Patient", "Bundle"} & call.export(later)["lines"].keys()


def note_change(cast: Cast, patient: Any) -> None:
    """A write to a patient's record, so that the log knows since when it stands."""
    record_consent(
        acting_user=cast["nurse"], patient=patient, program="ccm", given_on=cast.patient.consents.first().given_on, form="verbal",
        practitioner=cast["practitioner"].person, covers=(),
    )  # fmt: skip


def test_deletions_are_read_by_our_own_import(cast: Cast, clock: Clock, call: Caller, tmp_path: Path) -> None:
    filled(cast, clock)
    first = call.export()
    clock.forward(minutes=1)
    with acting_in(cast.clinic):
        row = Condition.objects.filter(patient=cast.patient).first()
        key = row.pk
        remove_row(acting_user=cast["nurse"], patient=cast.patient, row=row, reason="wrong")
    told = call.export(f"?_since={first['transactionTime']}")
    file = tmp_path / "deleted.ndjson"
    file.write_text(json.dumps(told["lines"]["Bundle"][0]) + "\n")
    assert list(deletions(file)) == [f"Condition/{key}"]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 400),
        ("?_type=Observation", ASK, 400),
        ("?_outputFormat=csv", ASK, 400),
        ("?_since=yesterday", ASK, 400),
        ("?_since=2026-11-01", ASK, 400),
        ("?_since=0001-01-01T00:00:00%2B14:00", ASK, 400),
        ("?_typeFilter=Goal%3Fstatus%3Dx", ASK, 400),
        ("?patient=1", ASK, 400),
        ("?_outputFormat=application/fhir%2Bndjson", ASK, 202),
        ("?_since=2026-11-01T00:00:00%2B01:00", ASK, 202),
    ],
)
def test_what_cannot_be_exported_is_refused(
    cast: Cast, call: Caller, query: str, headers: dict[str, str], status: int
) -> None:
    assert call("compliance", f"/fhir/$export{query}", headers=headers).status_code == status


def test_groups_that_are_none_export_nothing(cast: Cast, call: Caller) -> None:
    for group in ("nobody", "enrolled-xyz", "ccm"):
        assert call("compliance", f"/fhir/Group/{group}/$export", headers=ASK).status_code == 404


def test_exports_stand_in_the_log(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    call.export("?_type=Patient,Goal")
    with acting_in(cast.clinic):
        filed, written = AuditEvent.objects.filter(action__startswith="fhir.export.").order_by("sequence")
    assert (filed.after["types"], filed.who) == (["Patient", "Goal"], str(cast["compliance"].user))
    assert written.after == {"patients": 1, "files": {"Patient": 1, "Goal": 2}}


def test_what_goes_out_comes_in_as_the_same_records(
    cast: Cast, clock: Clock, call: Caller, tmp_path: Path, as_role: Callable[..., Any]
) -> None:
    filled(cast, clock)
    told = call.export()
    folder = tmp_path / "fhir"
    folder.mkdir()
    for kind, lines in told["lines"].items():
        (folder / f"{kind}.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = import_fhir(folder, tmp_path / "tables")
    assert report.exit_status == 0, report.lines()
    with acting_in(cast.clinic):
        expected = _records(cast, clock)
    for table, rows in expected.items():
        with (tmp_path / "tables" / f"{table}.csv").open() as text:
            found = [
                {name: cell for name, cell in row.items() if cell and name not in LEFT} for row in csv.DictReader(text)
            ]
        assert sorted(found, key=str) == sorted(rows, key=str), table


def _records(cast: Cast, clock: Clock) -> dict[str, list[dict[str, str]]]:
    """The clinic's records under the ids they have as FHIR, cell by cell."""
    from careledger.core.month import Month
    from careledger.facts.table_text import cell
    from careledger.web.billing.queries import records_of
    from careledger.web.tenancy.models import Person, Practice

    ids = {code: str(pk) for model in (Person, Practice) for code, pk in model.objects.values_list("code", "pk")}
    ids |= {cast.patient.code: str(cast.patient.pk)}
    goals = {one.code: str(one.pk) for one in cast.patient.goals.all()}
    named = ("patient_id", "person_id", "practice_id", "practitioner", "signed_by", "recorded_by", "biller_id")
    cast.patient.refresh_from_db()
    found = records_of([cast.patient], Month.of(clock.at.date()))
    told: dict[str, list[dict[str, str]]] = {}
    for table in ("patients", "coverage", "conditions", "visits", "stays", "care_plans", "goals", "consents"):
        for row in found[table]:
            cells = {}
            for column in fields(TABLES[table]):
                value = getattr(row, column.name)
                value = ids.get(value, value) if column.name in named else value
                value = goals.get(value, value) if column.name == "goal_id" else value
                if (text := cell(value)) and column.name not in LEFT:
                    cells[column_of(column)] = text
            told.setdefault(table, []).append(cells)
    return told


def test_the_ledger_is_not_touched_by_an_export(cast: Cast, clock: Clock, call: Caller) -> None:
    filled(cast, clock)
    with acting_in(cast.clinic):
        before, revision = TimeEntry.objects.count(), type(cast.patient).objects.get(pk=cast.patient.pk).revision
    call.export()
    clock.at += timedelta(seconds=1)
    with acting_in(cast.clinic):
        assert TimeEntry.objects.count() == before
        assert type(cast.patient).objects.get(pk=cast.patient.pk).revision == revision
