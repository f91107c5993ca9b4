"""Files as they come: cut, gzipped, bundled, foreign. Each fault is one line, the rest is read."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path

import pytest

from careledger.fhir.codes import chronic_basis, icd10_for
from careledger.fhir.importer import import_fhir

PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1948-05-02", "name": [{"family": "Secretname"}]}
SHARED = Path(os.environ.get("CARELEDGER_SHARED", Path(__file__).parents[3] / "shared")) / "data"


def _lines(*resources: object) -> str:
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in resources)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_lines(PATIENT, '{"resourceType": "Pat'), "f.ndjson:2: this is no whole JSON"),
        (_lines(PATIENT, "[1, 2]"), "f.ndjson:2: this is no FHIR resource"),
        (_lines(PATIENT, {"id": "x"}), "f.ndjson:2: this is no FHIR resource"),
        (_lines(PATIENT, {"resourceType": "Condition"}), "f.ndjson:2: a Condition without an id"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_is_read(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "f.ndjson").write_text(text)
    report = import_fhir(tmp_path, tmp_path / "data")
    assert report.exit_status == 1
    assert any(line.startswith(says) for line in report.faults)
    assert report.kept["patients"] == 1
    assert "Secretname" not in "\n".join(report.lines())


def test_a_cut_gzip_file_keeps_what_came_before(tmp_path: Path) -> None:
    many = "".join(_lines({**PATIENT, "id": f"p{number}-{os.urandom(30).hex()}"}) for number in range(2000))
    whole = gzip.compress(many.encode())
    (tmp_path / "Patient.ndjson.gz").write_bytes(whole[: len(whole) * 2 // 3])
    report = import_fhir(tmp_path, tmp_path / "data")
    assert report.exit_status == 1
    assert "cut in the middle" in report.faults[-1]
    assert 500 < report.kept["patients"] < 2000


def test_nothing_readable_is_status_two_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("no json")
    report = import_fhir(tmp_path / "f.json", tmp_path / "data")
    assert report.exit_status == 2
    assert not (tmp_path / "data").exists()


def test_references_inside_a_bundle_resolve(tmp_path: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": "urn:uuid:aaa", "resource": {**PATIENT, "id": "p1"}},
            {
                "fullUrl": "urn:uuid:bbb",
                "resource": {
                    "resourceType": "Practitioner",
                    "id": "d1",
                    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
                    "name": [{"family": "Example", "suffix": ["MD"]}],
                },
            },
            {
                "resource": {
                    "resourceType": "Encounter",
                    "id": "e1",
                    "status": "finished",
                    "class": {"code": "AMB"},
                    "subject": {"reference": "urn:uuid:aaa"},
                    "participant": [
                        {
                            "individual": {
                                "reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"
                            }
                        }
                    ],
                    "period": {"start": "2026-01-05T10:00:00-06:00"},
                }
            },
            {"request": {"method": "GET"}},
        ],
    }
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("one.json", json.dumps(bundle))
    report = import_fhir(tmp_path / "b.zip", tmp_path / "data")
    assert report.kept["visits"] == 1
    assert report.kept["panel"] == 1
    assert "physician" in (tmp_path / "data" / "people.csv").read_text()
    assert len(report.faults) == 1


def test_a_code_the_table_does_not_know_is_counted_never_dropped_silently(tmp_path: Path) -> None:
    condition = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "314529007", "display": "Medication review due"}]
        },
    }
    (tmp_path / "f.ndjson").write_text(_lines(PATIENT, condition))
    report = import_fhir(tmp_path / "f.ndjson", tmp_path / "data")
    assert report.unmapped["314529007", "Medication review due"] == 1
    assert "314529007" in (tmp_path / "data" / "unmapped_codes.tsv").read_text()


def test_a_goal_written_as_a_python_dictionary_is_read(tmp_path: Path) -> None:
    text = "{'observation': {'codes': [{'display': 'Hemoglobin A1c'}], 'operator': '<', 'value': 7}}"
    goal = {"resourceType": "Goal", "id": "g1", "description": {"text": text}, "subject": {"reference": "Patient/p1"}}
    (tmp_path / "f.ndjson").write_text(_lines(PATIENT, goal))
    import_fhir(tmp_path / "f.ndjson", tmp_path / "data")
    assert "Hemoglobin A1c < 7,Hemoglobin A1c,< 7" in (tmp_path / "data" / "goals.csv").read_text()


@pytest.mark.parametrize(
    ("coverage", "payer"),
    [
        ({"payor": [{"display": "Medicare"}]}, "medicare_ffs"),
        ({"payor": [{"display": "Humana"}], "class": [{"name": "Medicare Advantage PPO"}]}, "medicare_advantage"),
        ({"payor": [{"display": "State"}], "type": {"text": "Medicaid"}}, "medicaid"),
        ({"payor": [{"display": "Blue Plan"}]}, "commercial"),
    ],
)
def test_it_tells_payers_apart(tmp_path: Path, coverage: dict[str, object], payer: str) -> None:
    row = {
        "resourceType": "Coverage",
        "id": "c",
        "status": "active",
        "beneficiary": {"reference": "Patient/p1"},
        **coverage,
    }
    (tmp_path / "f.ndjson").write_text(_lines(PATIENT, row))
    import_fhir(tmp_path / "f.ndjson", tmp_path / "data")
    assert f"p1,{payer}," in (tmp_path / "data" / "coverage.csv").read_text()


def test_the_lists_know_common_chronic_diagnoses() -> None:
    assert icd10_for("44054006") == "E11.9"
    assert chronic_basis("E11.9") == ("ccw", "ahrq")
    assert chronic_basis("J06.9") == ()
    assert icd10_for("0") is None


@pytest.mark.parametrize(
    ("name", "patients"),
    [
        ("synthea_tietai_2026", 82),
        ("synthea_smart_elders_a.zip", 48),
        ("synthea_bulk10_r4_2025", 13),
        ("careplan_ckd_samples", 11),
        ("us_core_examples", 2),
    ],
)
def test_public_sets_import_and_nothing_doubles(tmp_path: Path, name: str, patients: int) -> None:
    source = SHARED / "fhir" / name
    if not source.exists():
        pytest.skip(f"public set {name} is not on this machine")
    first = import_fhir(source, tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    second = import_fhir(source, tmp_path)
    assert first.kept["patients"] == second.kept["patients"] == patients
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert sum(first.read.values()) > 80


def test_the_compact_chronic_table_reproduces_the_lists() -> None:
    source = SHARED / "icd"
    if not source.exists():
        pytest.skip("the CCW and AHRQ lists are not on this machine")
    with gzip.open(source / "ccw_chronic_conditions.csv.gz", "rt") as lines:
        ccw = {line.split(",")[-1].strip() for line in lines if ",Include,ICD-10-CM," in line}
    ahrq = {}
    with gzip.open(source / "CCIR_v2023-1.csv.gz", "rt") as lines:
        for line in list(lines)[3:]:
            ahrq[line.split(",")[0].strip("'")] = line.rstrip().rpartition(",")[2].strip("'") == "1"
    agree = sum(
        chronic_basis(code) == (("ccw",) if code in ccw else ()) + (("ahrq",) if flag else ())
        for code, flag in ahrq.items()
    )
    assert agree / len(ahrq) > 0.999
