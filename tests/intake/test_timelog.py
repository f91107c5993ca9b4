"""Time logs of other systems: recognised columns, each entry once, faults by line."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.cli.import_ import import_group
from careledger.core.errors import InputError
from careledger.facts.timelog import import_timelog

HEADER = "MRN,Staff,Program,Start Time,End Time,Duration,Task,Notes\n"


def _log(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    file = tmp_path / "log.csv"
    file.write_text(header + "".join(row + "\n" for row in rows), encoding="utf-8")
    return file


def _entries(folder: Path) -> list[dict[str, str]]:
    with (folder / "time_entries.csv").open(newline="") as text:
        return list(csv.DictReader(text))


def test_usual_column_names_are_recognised(tmp_path: Path) -> None:
    file = _log(
        tmp_path,
        "p1,rn-1,CCM,2026-03-02T10:00,,12.5,phone call,talked",
        "p1,rn-1,ccm,2026-03-03 09:00,2026-03-03 09:20,,,",
    )
    report = import_timelog(file, tmp_path / "data")
    assert (report.read, report.new, report.faults) == (2, 2, [])
    first, second = _entries(tmp_path / "data")
    assert int(first["end_s"]) - int(first["start_s"]) == 750
    assert int(second["end_s"]) - int(second["start_s"]) == 1200
    assert first["programs"] == "ccm"


def test_importing_twice_doubles_nothing(tmp_path: Path) -> None:
    file = _log(
        tmp_path,
        "p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,,x,y",
        "p2,rn-1,ccm,2026-03-02T11:00,2026-03-02T11:20,,x,y",
    )
    import_timelog(file, tmp_path / "data")
    before = (tmp_path / "data" / "time_entries.csv").read_bytes()
    report = import_timelog(file, tmp_path / "data")
    assert (report.new, report.already_there) == (0, 2)
    assert (tmp_path / "data" / "time_entries.csv").read_bytes() == before


def test_one_id_with_two_contents_is_refused(tmp_path: Path) -> None:
    header = "id,patient,by,program,start,end\n"
    file = _log(
        tmp_path,
        "e1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20",
        "e1,p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:30",
        header=header,
    )
    report = import_timelog(file, tmp_path / "data")
    assert report.new == 1
    assert "log.csv:3: entry_id: an entry of this id is there with other content" in report.faults[0]


def test_local_times_are_those_of_the_practice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "practices.csv").write_text("practice_id,time_zone\ng1,America/Los_Angeles\n")
    (data / "people.csv").write_text("person_id,kind,practice_id\nrn-1,rn,g1\n")
    import_timelog(_log(tmp_path, "p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,,x,y"), data)
    assert _entries(data)[0]["start_s"] == "1772474400"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",rn-1,ccm,2026-03-02T10:00,2026-03-02T10:20,,x,y", "patient_id: the field is empty"),
        ("p1,,ccm,2026-03-02T10:00,2026-03-02T10:20,,x,y", "by: the field is empty"),
        ("p1,rn-1,chronic,2026-03-02T10:00,2026-03-02T10:20,,x,y", "programs: no such program"),
        ("p1,rn-1,ccm,03/02/2026 10:00,2026-03-02T10:20,,x,y", "start: this is no day and time"),
        ("p1,rn-1,ccm,2026-03-02T10:00,2026-03-02T09:20,,x,y", "end: the entry ends before or when it starts"),
        ("p1,rn-1,ccm,2026-03-02T10:00,2026-03-03T16:20,,x,y", "end: the entry is longer than 24 hours"),
        ("p1,rn-1,ccm,2026-03-02T10:00,,,x,y", "end: the field is empty; fill end, or minutes"),
        ("p1,rn-1,ccm,2026-03-02T10:00,,twelve,x,y", "minutes: this is no number of minutes"),
        ("p1,rn-1,ccm,2026-03-02T10:00,,-4,x,y", "minutes: minutes are not between 0 and 1440"),
        ("p1,rn-1,ccm,2026-05-02T10:00,2026-05-02T10:20,,x,y", "start: the entry lies in the future"),
        ("p1,rn-1,ccm,,,20,x,y", "start: neither start and end nor a day and minutes"),
    ],
)
def test_a_bad_row_is_one_line_and_the_rest_goes_on(tmp_path: Path, row: str, says: str) -> None:
    file = _log(tmp_path, "p1,rn-1,ccm,2026-03-01T10:00,2026-03-01T10:20,,x,y", row)
    report = import_timelog(file, tmp_path / "data", as_of=date(2026, 3, 31))
    assert report.new == 1
    assert report.faults[0].startswith(f"log.csv:3: {says}")


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Staff,Program,Start,End\n", "patient_id: no column for it was found; name it with --map patient_id=COLUMN"),
        ("MRN,Staff,Start,End\n", "or give --program"),
        ("MRN,Staff,Program,Start\n", "no column for start and end, or for minutes"),
        ("", "the file is empty"),
    ],
)
def test_a_log_without_its_columns_is_refused(tmp_path: Path, header: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        import_timelog(_log(tmp_path, header=header), tmp_path / "data")


def test_columns_can_be_told(tmp_path: Path) -> None:
    file = _log(tmp_path, "p1,rn-1,2026-03-02,20", header="Who is it for,Staff,Day,Min\n")
    args = [
        "timelog",
        str(file),
        "--out",
        str(tmp_path / "data"),
        "--map",
        "patient_id=Who is it for",
        "--map",
        "minutes=Min",
        "--program",
        "ccm",
    ]
    result = CliRunner().invoke(import_group, args)
    assert result.exit_code == 0, result.output
    assert _entries(tmp_path / "data")[0]["seconds"] == "1200"
    wrong = CliRunner().invoke(import_group, [*args[:4], "--map", "minuts=Min"])
    assert isinstance(wrong.exception, InputError)
    assert "did you mean minutes?" in str(wrong.exception)


@settings(max_examples=60, deadline=None)
@given(note=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_note_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, note: str) -> None:
    folder = tmp_path_factory.mktemp("log")
    file = folder / "log.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["patient", "by", "program", "start", "end", "note"])
        writer.writerow(["p1", "rn-1", "ccm", "2026-03-02T10:00", "2026-03-02T10:20", note])
    import_timelog(file, folder / "data")
    assert _entries(folder / "data")[0]["note"] == note.strip()
    assert import_timelog(file, folder / "data").already_there == 1
