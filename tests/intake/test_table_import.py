"""Any CSV into a table of the folder, each row once; the folder out again, read strictly."""

from __future__ import annotations

import csv
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from careledger.cli.import_ import import_group
from careledger.cli.tables import tables
from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.core.records import TABLES
from careledger.facts.schema import column_of
from careledger.facts.table_import import export_tables, import_table
from careledger.fhir.writer import write_fhir
from careledger.synthetic.files import write_clinic


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with two patients."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,born_on\np1,1948-05-06\np2,1950-01-01\n")
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    with file.open() as text:
        return list(csv.DictReader(text))


def test_a_foreign_csv_finds_its_columns_and_doubles_nothing(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "dx.csv"
    file.write_text("MRN,Diagnosis,Onset\np1,I10,03/04/2020\np1,E11.9,\np9,I10,\n")
    first = import_table(file, out, "conditions", us_days=True)
    assert first.new == {"conditions": 3}
    assert first.exit_status == 1, "the third row names a patient that is not there, and the reader says so"
    assert any("conditions.csv:4" in line for line in first.lines())
    assert rows(out / "conditions.csv")[0] | {"chronic": ""} == {
        **dict.fromkeys((column_of(one) for one in fields(TABLES["conditions"])), ""),
        "patient_id": "p1", "icd10": "I10", "since": "2020-03-04",
    }  # fmt: skip
    again = import_table(file, out, "conditions", us_days=True)
    assert (again.new, again.already_there) == ({"conditions": 0}, {"conditions": 3})


def test_another_row_of_the_same_id_is_refused_not_overwritten(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("patient_id,born_on\np1,1999-01-01\np3,1951-01-01\n")
    report = import_table(file, out, "patients")
    assert report.exit_status == 1
    assert "row 2" in report.faults[0]
    assert [row["patient_id"] for row in rows(out / "patients.csv")] == ["p1", "p2", "p3"]
    assert rows(out / "patients.csv")[0]["born_on"] == "1948-05-06"


def test_a_roster_fills_several_tables(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(
        "MRN,Last Name,First Name,DOB,MBI,Insurance,Diagnoses\np1,Lake,Ada,1948-05-06,1EG4TE5MK73,Medicare,I10;E11.9\n"
    )
    report = import_table(file, tmp_path / "new", "roster")
    assert report.exit_status == 0, report.lines()
    assert report.new == {"conditions": 2, "coverage": 1, "patients": 1}


def test_no_such_table_and_no_such_column_are_told(out: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="did you mean conditions"):
        import_table(tmp_path / "x.csv", out, "condition")
    with pytest.raises(InputError, match="--map patient_id=COLUMN"):
        import_table(tmp_path / "x.csv", out, "conditions")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table of a synthetic clinic that is written as CSV."""
    folder = tmp_path_factory.mktemp("clinic")
    files = write_clinic(folder, 1, Month(2026, 10), 119, write_fhir=write_fhir)
    found = tmp_path_factory.mktemp("tables")
    for table, records in files.clinic.records.items():
        _write(found / f"{table}.csv", table, records)
    return found


def _write(file: Path, table: str, records: list[object]) -> None:
    names = [one.name for one in fields(TABLES[table])]
    with file.open("w", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column_of(one) for one in fields(TABLES[table])])
        writer.writerows([_cell(getattr(row, name)) for name in names] for row in records)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_every_table_goes_out_and_comes_back_identical(clinic: Path, tmp_path: Path, ending: str) -> None:
    """Through either format: the second export is the first, byte for byte, with every column of the dictionary."""
    first = export_tables(clinic, tmp_path / "first", ending)
    assert not any(first.set_aside.values()), "the clinic has a wrong NPI by design, which is told and kept"
    assert {"patients", "time_entries", "conditions", "consents"} <= set(first.kept)
    export_tables(tmp_path / "first", tmp_path / "second", "csv")
    export_tables(tmp_path / "second", tmp_path / "third", "csv")
    for file in sorted((tmp_path / "second").glob("*.csv")):
        assert file.read_bytes() == (tmp_path / "third" / file.name).read_bytes()
        assert list(rows(file)[0] if rows(file) else []) in ([], [column_of(one) for one in fields(TABLES[file.stem])])
    for table, count in first.kept.items():
        assert len(rows(tmp_path / "second" / f"{table}.csv")) == count


def test_every_table_can_be_imported_one_by_one(clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    for file in sorted(clinic.glob("*.csv"), key=lambda one: one.stem != "patients"):
        report = import_table(file, out, file.stem)
        assert report.faults == []
        assert import_table(file, out, file.stem).new == {file.stem: 0}
    shutil.rmtree(tmp_path / "x", ignore_errors=True)
    assert export_tables(clinic, tmp_path / "x").kept == export_tables(out, tmp_path / "y").kept


def test_the_commands(clinic: Path, out: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    checked = run(tables, ["check", "--data", str(clinic)])
    assert (checked.exit_code, "the NPI" in checked.output) == (1, True), checked.output
    assert "patients: 119 rows" in run(tables, ["export", "--data", str(clinic), "--out", str(tmp_path / "o")]).output
    told = run(tables, ["dictionary"]).output
    assert told == (Path(__file__).parents[2] / "docs" / "tables.md").read_text()
    (tmp_path / "c.csv").write_text("who,dx\np1,I10\n")
    asked = ["table", str(tmp_path / "c.csv"), "--table", "conditions", "--out", str(out)]
    done = run(import_group, [*asked, "--map", "patient_id=who", "--map", "icd10=dx"])
    assert done.exit_code == 0, done.output
    assert "conditions: 1 new" in done.output
