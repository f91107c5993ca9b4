"""What is written as FHIR is imported as the same records."""

from __future__ import annotations

import csv
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.records import (
    CarePlan,
    Condition,
    Consent,
    Coverage,
    Goal,
    Panel,
    Patient,
    Person,
    Practice,
    Stay,
    Visit,
)
from careledger.facts.schema import column_of, stored
from careledger.fhir.importer import import_fhir
from careledger.fhir.writer import write_fhir

RECORDS: dict[str, list[Any]] = {
    "practices": [
        Practice(
            practice_id="g1",
            name="Lakeside Practice",
            npi="1234567893",
            tax_id="123456789",
            address="1 Example Way",
            city="Springfield",
            state="IL",
            zip="627010001",
            phone="2175550100",
            time_zone="America/Chicago",
            access_24_7=True,
            certified_ehr=True,
        )
    ],
    "people": [
        Person(
            person_id="dr-a",
            kind="physician",
            practice_id="g1",
            specialty="family_medicine",
            name="Ann Example",
            credential="MD",
            npi="1234567893",
            taxonomy="207Q00000X",
        ),
        Person(
            person_id="rn-1",
            kind="rn",
            practice_id="g1",
            name="Nora Sample",
            credential="RN",
            employment="contractor",
            works_with=("dr-a",),
        ),
    ],
    "patients": [
        Patient(
            patient_id="p1",
            born_on=date(1948, 5, 2),
            family_name="Testperson",
            given_name="Una",
            sex="female",
            address="2 Example Way",
            city="Springfield",
            state="IL",
            zip="62701",
            residence="home",
            language="es",
        ),
        Patient(
            patient_id="p2",
            born_on=date(1940, 1, 1),
            died_on=date(2026, 3, 9),
            family_name="Testperson",
            given_name="Otto",
            sex="male",
            complex_multidisciplinary_care=True,
        ),
    ],
    "coverage": [
        Coverage(
            patient_id="p1",
            payer="medicare_ffs",
            member_id="1EG4TE5MK73",
            since=date(2020, 1, 1),
            part_b=True,
            qmb=False,
        ),
        Coverage(patient_id="p2", payer="commercial", plan="uhc_community_plan", member_id="X1", rank=1),
    ],
    "panel": [Panel(patient_id="p1", biller_id="dr-a"), Panel(patient_id="p2", biller_id="dr-a")],
    "conditions": [
        Condition(
            patient_id="p1",
            icd10="E11.22",
            chronic=True,
            expected_months=12,
            significant_risk=True,
            since=date(2019, 2, 3),
        ),
        Condition(patient_id="p1", icd10="J06.9", since=date(2019, 2, 3), until=date(2019, 2, 13)),
    ],
    "visits": [
        Visit(
            patient_id="p1",
            practitioner="dr-a",
            on=date(2026, 1, 5),
            code="99214",
            face_to_face=True,
            discussed=("ccm",),
        )
    ],
    "stays": [Stay(patient_id="p1", kind="snf_part_a", since=date(2026, 2, 1), until=date(2026, 2, 9))],
    "care_plans": [
        CarePlan(
            patient_id="p1",
            program="ccm",
            established_on=date(2026, 1, 5),
            signed_by="dr-a",
            elements=("all",),
            copy_given_on=date(2026, 1, 6),
            delivered_by="portal",
        )
    ],
    "goals": [
        Goal(
            goal_id="goal-1",
            patient_id="p1",
            text="HbA1c below 7.5 %",
            measure="HbA1c",
            target="< 7.5 %",
            due_on=date(2026, 12, 1),
            status="in-progress",
            reviewed_on=date(2026, 9, 1),
        )
    ],
    "consents": [
        Consent(
            patient_id="p1",
            program="ccm",
            given_on=date(2026, 1, 5),
            form="verbal",
            documented=True,
            practitioner="dr-a",
            covers=("availability", "cost_sharing", "one_practitioner", "right_to_stop"),
            recorded_by="rn-1",
        )
    ],
}


def _rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="") as text:
        return list(csv.DictReader(text))


def _expected(record: Any) -> dict[str, str]:
    return {column_of(column): _text(getattr(record, column.name)) for column in fields(record)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(stored(value))


def test_every_record_comes_back(tmp_path: Path) -> None:
    write_fhir(RECORDS, tmp_path / "fhir")
    report = import_fhir(tmp_path / "fhir", tmp_path / "data")
    assert report.exit_status == 0
    for table, records in RECORDS.items():
        rows = _rows(tmp_path / "data", table)
        assert len(rows) == len(records), table
        for record, row in zip(records, rows, strict=True):
            told = {name: value for name, value in _expected(record).items() if value and name != "chronic_basis"}
            kept = {name: row[name] for name in told}
            assert kept == told, table


def test_a_condition_the_lists_call_chronic_says_which_list(tmp_path: Path) -> None:
    write_fhir(RECORDS, tmp_path / "fhir")
    import_fhir(tmp_path / "fhir", tmp_path / "data")
    diabetes, cold = _rows(tmp_path / "data", "conditions")
    assert diabetes["chronic_basis"].split() == ["ccw", "ahrq", "clinician"]
    assert cold["chronic"] == "false"


def test_importing_twice_doubles_nothing_and_keeps_rows_of_other_origin(tmp_path: Path) -> None:
    write_fhir(RECORDS, tmp_path / "fhir")
    data = tmp_path / "data"
    import_fhir(tmp_path / "fhir", data)
    conditions = (data / "conditions.csv").read_text()
    (data / "conditions.csv").write_text(conditions + "p2,I10,true,12,,,,,\n")
    import_fhir(tmp_path / "fhir", data)
    import_fhir(tmp_path / "fhir", data)
    assert [row["icd10"] for row in _rows(data, "conditions")] == ["I10", "E11.22", "J06.9"]


def test_a_later_version_replaces_its_row(tmp_path: Path) -> None:
    write_fhir(RECORDS, tmp_path / "fhir")
    import_fhir(tmp_path / "fhir", tmp_path / "data")
    file = tmp_path / "fhir" / "Patient.ndjson"
    file.write_text(file.read_text().replace("2 Example Way", "3 Example Way"))
    import_fhir(tmp_path / "fhir", tmp_path / "data")
    assert [row["address"] for row in _rows(tmp_path / "data", "patients")] == ["3 Example Way", ""]
