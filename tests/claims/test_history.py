"""Claims and remittances of another system as history: matched, counted, refused or left with the reason, never doubled."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from tests.claims.clinic import CLAIMS, FIRST, put, send
from tests.claims.remittances import REMITTANCE

from careledger.claims.history import import_history
from careledger.claims.store import Store
from careledger.cli.import_ import import_group
from careledger.core.errors import InputError
from careledger.facts.tables import open_folder
from careledger.oversight.radar.run import scan
from careledger.policy import load_policy

POLICY = load_policy()
SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "x12"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """What another system sent and was answered: three claims, of which one was denied and one corrected."""
    with Store.open(tmp_path / "theirs.db") as store:
        put(store)
        (sent,) = send(store, tmp_path / "sent")
    (tmp_path / "era.835").write_text(REMITTANCE)
    return [tmp_path / "era.835", sent]


def rows(file: Path) -> list[dict[str, str]]:
    with file.open() as text:
        return list(csv.DictReader(text))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder that knows the patient by member number and the practitioner by NPI."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id\n" + "".join(f"p{number}\n" for number, _ in enumerate(CLAIMS)))
    numbers = sorted({claim.insured.member_id for claim in CLAIMS})
    cells = "".join(f"p{number},medicare_ffs,{member}\n" for number, member in enumerate(numbers))
    (folder / "coverage.csv").write_text("patient_id,payer,member_id\n" + cells)
    npi = FIRST.rendered_by.npi
    (folder / "people.csv").write_text(f"person_id,kind,npi\ndr-1,physician,{npi}\n")
    (folder / "other_claims.csv").write_text("patient_id,code,on\np0,99214,2026-10-01\n")
    return folder


def test_what_stands_becomes_other_claims(tables: Path, files: list[Path]) -> None:
    report = import_history(files, tables, POLICY)
    assert report.exit_status == 0
    assert (report.read["billed"], report.read["answered"]) == (4, 5)
    found = rows(tables / "other_claims.csv")
    assert found[0]["code"] == "99214", "a row of other origin stays"
    told = {(row["code"], row["on"], row["practitioner"], row["units"]) for row in found[1:]}
    assert ("99490", "2026-10-31", "dr-1", "1") in told
    states = {(row["claim_id"], row["code"]): row["status"] for row in rows(tables / "history" / "lines.csv")}
    assert states["2610CCM000009", "99490"] == "denied"
    assert states["2609CCM000007", "99490"] == "paid", "taken back, then paid again"
    assert len(found) == 1 + list(states.values()).count("paid")
    paid = {row["claim_id"]: row["paid"] for row in rows(tables / "history" / "lines.csv")}
    assert paid["2609CCM000007"] == "12.38", "60.50 after 48.12 was taken back"
    with duckdb.connect() as con:
        assert open_folder(con, tables).exit_status == 0


@pytest.mark.parametrize("in_turn", [True, False])
def test_twice_and_in_any_order_doubles_nothing(tables: Path, files: list[Path], tmp_path: Path, in_turn: bool) -> None:
    import_history(files, tables, POLICY)
    before = {file.name: file.read_bytes() for file in tables.rglob("*.csv")}
    for batch in [[one] for one in files] if in_turn else [list(reversed(files))]:
        again = import_history(batch, tables, POLICY)
        assert again.new == 0
        assert again.already_there > 0
    assert {file.name: file.read_bytes() for file in tables.rglob("*.csv")} == before


def test_a_later_remittance_changes_what_stands(tables: Path, files: list[Path]) -> None:
    era, sent = files
    first = import_history([sent], tables, POLICY)
    assert first.standing == 4
    second = import_history([era], tables, POLICY)
    assert (second.standing, dict(second.not_standing)) == (3, {"denied": 1})
    assert len(rows(tables / "other_claims.csv")) == 1 + 3


def test_a_stranger_is_left_and_told_unless_asked_for(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "empty"
    left = import_history(files, out, POLICY)
    assert left.exit_status == 1
    assert sum(left.left.values()) == 9
    assert rows(out / "other_claims.csv") == []
    added = import_history(files, out, POLICY, add_patients=True)
    assert added.exit_status == 0
    assert added.new == 9
    assert len(rows(out / "patients.csv")) == added.added_patients
    with duckdb.connect() as con:
        assert open_folder(con, out).exit_status == 0


def test_a_file_that_is_none_is_refused_with_its_reason(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    report = import_history([tmp_path / "note.txt"], tables, POLICY)
    assert report.exit_status == 2
    assert "note.txt" in report.refused[0]
    assert "ISA" in report.refused[0]


def test_the_radar_reads_the_lines_with_their_money(tables: Path, files: list[Path]) -> None:
    import_history(files, tables, POLICY)
    with duckdb.connect() as con:
        radar = scan(con, tables / "history" / "lines.csv", POLICY, date(2026, 12, 1))
        assert radar.read.lines == 4
        assert con.execute("SELECT SUM(charged_cents), SUM(paid_cents) FROM lines").fetchone() == (23341, 9683)
    sums = rows(tables / "history" / "collected.csv")
    assert sum(int(row["denied"]) for row in sums) == 1


def test_an_id_that_a_spreadsheet_would_run_is_text_in_the_lines_and_itself_to_the_radar(
    tables: Path, files: list[Path]
) -> None:
    for name in ("patients.csv", "coverage.csv"):
        text = (tables / name).read_text()
        (tables / name).write_text(re.sub(r"^p(\d)", r"=p\1", text, flags=re.MULTILINE))
    import_history(files, tables, POLICY)
    assert {row["patient_id"][:3] for row in rows(tables / "history" / "lines.csv")} == {"'=p"}
    assert all(row["patient_id"].startswith("=p") for row in rows(tables / "other_claims.csv")[1:])
    with duckdb.connect() as con:
        scan(con, tables / "history" / "lines.csv", POLICY, date(2026, 12, 1))
        assert con.execute("SELECT COUNT(*) FROM lines WHERE patient_id LIKE '=p%'").fetchone() == (4,)


def test_the_command_tells_what_it_did(tables: Path, files: list[Path]) -> None:
    told = CliRunner().invoke(import_group, ["history", *map(str, files), "--out", str(tables)])
    assert told.exit_code == 0, told.output
    assert "4 lines billed, 5 lines answered; 9 new, 0 there already" in told.output
    assert "SMITH" not in told.output


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public sample transactions are not here")
def test_files_of_many_systems_are_kept_or_refused_with_a_reason(tmp_path: Path) -> None:
    """Real samples, good and bad: nothing breaks, nothing is silently dropped, and again changes nothing."""
    files = sorted([*SAMPLES.glob("837p/*"), *SAMPLES.glob("835/*"), *SAMPLES.glob("golden/83*")])
    report = import_history(files, tmp_path / "out", POLICY, add_patients=True)
    assert report.files + len(report.refused) == len(files)
    assert report.files >= 45
    lines = sum(report.read.values())
    whole = report.left["answered as a whole, without its services"]
    assert lines == report.new + report.already_there + sum(report.left.values()) - whole
    assert report.standing + sum(report.not_standing.values()) == len(rows(tmp_path / "out" / "history" / "lines.csv"))
    again = import_history(files, tmp_path / "out", POLICY, add_patients=True)
    assert (again.new, again.added_patients, again.standing) == (0, 0, report.standing)
    try:
        with duckdb.connect() as con:
            assert open_folder(con, tmp_path / "out").kept["other_claims"] == report.standing
    except InputError as refused:
        raise AssertionError(str(refused)) from None
