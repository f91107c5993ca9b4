"""A folder of tables: what is sound goes on, what is not is one line with file, row, field, problem and mend."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from careledger.core.errors import InputError
from careledger.facts.tables import FolderReport, open_folder

GOOD = {
    "practices": "practice_id,time_zone\ng1,America/Chicago\n",
    "people": "person_id,kind,practice_id,npi\ndr-a,physician,g1,1234567893\nrn-1,rn,g1,\n",
    "patients": "patient_id,born_on,sex\np1,1948-05-02,female\np2,,\n",
    "coverage": "patient_id,payer,member_id,since,until,part_b\np1,medicare_ffs,1EG4TE5MK73,2020-01-01,,yes\n",
    "conditions": "patient_id,icd10,chronic\np1,E11.22,true\n",
    "time_entries": "entry_id,patient_id,by,programs,start,end,activity\n"
    't1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,"call, patient"\n',
}


def _folder(tmp_path: Path, **changed: str) -> Path:
    for table, text in {**GOOD, **changed}.items():
        (tmp_path / f"{table}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def _open(folder: Path, as_of: date | None = None) -> tuple[duckdb.DuckDBPyConnection, FolderReport]:
    con = duckdb.connect()
    return con, open_folder(con, folder, as_of=as_of)


def test_a_sound_folder_is_read_whole(tmp_path: Path) -> None:
    con, report = _open(_folder(tmp_path))
    assert report.exit_status == 0
    assert report.rejects == []
    row = con.execute("SELECT start_s, end_s, activity, documented FROM time_entries").fetchone()
    assert row == (1772467200, 1772468400, "call, patient", None)  # 10:00 in Chicago
    assert con.execute("SELECT part_b FROM coverage").fetchone() == (True,)
    assert con.execute("SELECT count(*) FROM stays").fetchone() == (0,)


@pytest.mark.parametrize("text", ["\ufeff" + GOOD["people"], GOOD["people"].replace("\n", "\r\n")])
def test_byte_order_marks_and_windows_line_ends_are_no_fault(tmp_path: Path, text: str) -> None:
    _, report = _open(_folder(tmp_path, people=text))
    assert report.exit_status == 0
    assert report.kept["people"] == 2


LOG = "entry_id,patient_id,by,programs,start,end,on,minutes,activity\n"


@pytest.mark.parametrize(
    ("table", "text", "says"),
    [
        (
            "patients",
            "patient_id,born_on\np1,\n,1948-05-02\n",
            "patients.csv:3: patient_id: the field is empty; fill it",
        ),
        (
            "patients",
            "patient_id,born_on\np1,05/02/1948\n",
            "patients.csv:2: born_on: this is no day; write the day as YYYY-MM-DD",
        ),
        ("patients", "patient_id,born_on\np1,1948-02-30\n", "born_on: this is no day"),
        ("patients", "patient_id,sex\np1,f\n", "sex: this is not allowed here; write one of female, male, unknown"),
        ("patients", "patient_id\np1\np2\np1\n", "patients.csv:4: patient_id: several rows have the same patient_id"),
        ("patients", "patient_id,born_on,died_on\np1,1948-05-02,1940-01-01\n", "died_on: died_on is before born_on"),
        (
            "patients",
            "patient_id,complex_multidisciplinary_care\np1,maybe\n",
            "this is no yes or no; write true or false",
        ),
        ("people", "person_id,kind\ndr-a,surgeon\nrn-1,rn\n", "people.csv:2: kind: this is not allowed here"),
        ("people", "person_id,kind,npi\ndr-a,physician,1234567890\nrn-1,rn,\n", "npi: the NPI's check digit is wrong"),
        ("people", "person_id,kind,npi\ndr-a,physician,12345\nrn-1,rn,\n", "npi: this has the wrong form"),
        (
            "people",
            "person_id,kind,practice_id\ndr-a,physician,g9\nrn-1,rn,g1\n",
            "practice_id: no practice has this id",
        ),
        ("conditions", "patient_id,icd10\np1,250.00\n", "icd10: this has the wrong form"),
        ("conditions", "patient_id,icd10\np7,I10\n", "conditions.csv:2: patient_id: no patient has this id"),
        ("conditions", "patient_id,icd10,expected_months\np1,I10,twelve\n", "expected_months: this is no whole number"),
        ("coverage", "patient_id,payer,since,until\np1,medicare_ffs,2026-01-01,2025-01-01\n", "until is before since"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T09:00,,,x\n", "end: the entry ends before"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-03T16:00,,,x\n", "longer than 24 hours"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,3/2/2026 10:00,2026-03-02T10:00,,,x\n", "this is no day and time"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,2026-03-02T10:00,,,,x\n", "end: the time is only half there"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,,,,,x\n", "neither start and end nor a day and minutes"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,,,2026-03-02,0,x\n", "minutes: the entry has no length"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,,,2026-03-02,1900,x\n", "longer than 24 hours"),
        ("time_entries", LOG + "t1,p1,rn-1,ccm,,,2026-03-02,ten,x\n", "this is no whole number"),
        (
            "time_entries",
            LOG + "t1,p1,rn-1,cmm,2026-03-02T10:00,2026-03-02T10:20,,,x\n",
            "programs: this is not allowed",
        ),
        ("time_entries", LOG + "t1,p9,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,,,x\n", "patient_id: no patient"),
        ("time_entries", LOG + "t1,p1,rn-9,ccm,2026-03-02T10:00,2026-03-02T10:20,,,x\n", "by: no person has this id"),
        (
            "time_entries",
            LOG + "t1,p1,rn-1,ccm,2026-04-02T10:00,2026-04-02T10:20,,,x\n",
            "the entry lies in the future",
        ),
        ("time_entries", LOG + 2 * "t1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,,,x\n", "the same entry_id"),
    ],
)
def test_a_bad_row_is_one_line(tmp_path: Path, table: str, text: str, says: str) -> None:
    _, report = _open(_folder(tmp_path, **{table: text}), as_of=date(2026, 3, 31))
    assert report.exit_status == 1
    assert any(says in str(reject) for reject in report.rejects), report.lines()


def test_a_wrong_npi_keeps_the_person_for_a_claim_check_will_hold_it(tmp_path: Path) -> None:
    con, report = _open(_folder(tmp_path, people="person_id,kind,npi\ndr-a,physician,1234567890\nrn-1,rn,\n"))
    assert report.exit_status == 1
    assert con.execute("SELECT count(*) FROM people").fetchone() == (2,)


def test_what_hangs_on_a_row_set_aside_is_named_too(tmp_path: Path) -> None:
    _, report = _open(_folder(tmp_path, people="person_id,kind\ndr-a,physician\nrn-1,nurse\n"))
    told = "\n".join(report.lines())
    assert "people.csv:3: kind" in told
    assert "time_entries.csv:2: by: no person has this id" in told


def test_two_patients_with_one_medicare_number_are_both_set_aside_by_id(tmp_path: Path) -> None:
    rows = "patient_id,payer,member_id\np1,medicare_ffs,1EG4TE5MK73\np2,medicare_ffs,1EG4TE5MK73\n"
    _, report = _open(_folder(tmp_path, coverage=rows))
    told = "\n".join(report.lines())
    assert "patients p1, p2 have one Medicare number" in told
    assert "1EG4TE5MK73" not in told
    assert report.kept["coverage"] == 0


@pytest.mark.parametrize(
    ("table", "text", "says"),
    [
        ("patients", "", "patients.csv:1: the file is empty"),
        ("patients", "patient\np1\n", "patients.csv:1: patient: unknown column; did you mean patient_id?"),
        ("patients", "patient_id,patient_id\np1,p1\n", "patient_id: the column stands twice"),
        ("people", "person_id\ndr-a\n", "people.csv:1: kind: a required column is missing"),
        ("people", 'person_id,kind\ndr-a,"phys\n', "a quotation mark is not closed: the file may be cut"),
        ("people", "person_id,kind\ndr-a,physician,extra\n", "as many fields as the header"),
    ],
)
def test_an_unusable_file_stops_everything(tmp_path: Path, table: str, text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        _open(_folder(tmp_path, **{table: text}))
    assert says in str(caught.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    _folder(tmp_path)
    (tmp_path / "patients.csv").write_bytes("patient_id,family_name\np1,Müller\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        _open(tmp_path)


def test_a_folder_without_patients_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no patients table"):
        _open(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        _open(tmp_path / "nowhere")


def test_a_file_that_is_no_table_is_told_and_left(tmp_path: Path) -> None:
    _folder(tmp_path)
    (tmp_path / "patient.csv").write_text("a\n")
    _, report = _open(tmp_path)
    assert report.warnings == ["patient.csv: not a table, left unread; did you mean patients?"]


def test_a_cut_parquet_file_is_refused(tmp_path: Path) -> None:
    _folder(tmp_path)
    (tmp_path / "stays.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(InputError, match="no whole Parquet file"):
        _open(tmp_path)


def test_parquet_rows_pass_in_bulk_and_bad_ones_are_named(tmp_path: Path) -> None:
    _folder(tmp_path)
    (tmp_path / "time_entries.csv").unlink()
    count = 200_000
    starts = [1772467200 + 60 * number for number in range(count)]
    table = pa.table(
        {
            "entry_id": [f"t{number}" for number in range(count)],
            "patient_id": ["p1"] * count,
            "by": ["rn-1"] * (count - 1) + ["rn-7"],
            "programs": ["ccm"] * count,
            "start_s": starts,
            "end_s": [starts[0] - 5, *(start + 60 for start in starts[1:])],
        }
    )
    pq.write_table(table, tmp_path / "time_entries.parquet")
    con, report = _open(tmp_path)
    assert report.kept["time_entries"] == count - 2
    assert {reject.row for reject in report.rejects} == {0, count - 1}
    assert con.execute("SELECT count(*) FROM time_entries").fetchone() == (count - 2,)
