"""A cell that a spreadsheet would run is text in every sheet written for people, and comes back whole where it is read back."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from tests.web.cast import Cast

import careledger
from careledger.claims.history.keep import _sheet
from careledger.claims.history.patients import read_rows
from careledger.claims.outbox import _held_file
from careledger.core.sheets import Sheet, guarded, harmless
from careledger.facts.table_text import table_text
from careledger.facts.tables import open_folder
from careledger.oversight.radar.sheets import _write
from careledger.web.audit.export import csv_lines
from careledger.web.keeping.records import export_records
from careledger.web.oversight.exports import csv_answer
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import acting_in

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
ROOT = Path(careledger.__file__).parent
WRITES = re.compile(r"csv\.(writer|DictWriter)\(|\.(to|write)_csv\(|\bFORMAT '?csv|\bTO '.*\.csv", re.IGNORECASE)
BY_ITSELF = {
    "core/sheets.py": "the one writer of sheets for people; `Sheet` guards every cell",
    "web/audit/export.py": "the log, for people: guards more than `Sheet` does, numbers with a sign too",
    "web/keeping/tables.py": "guards, and its reader takes the mark off again: tests/web/test_cells.py",
    # Folders of tables. They are read back byte for byte: by this program, and as they lie by DuckDB, Spark and other systems.
    # A mark before a name or an id would make it another name or id, and an entry whose note carried one would not be the
    # entry that the ledger's chain signed. What they hold is not for spreadsheets (THREAT_MODEL.md says so), and a hostile
    # cell must come back as it was: test_a_hostile_cell_of_a_folder_of_tables_comes_back_as_it_was.
    "batch/whatif.py": "coverage.csv of a folder that lives for one close; changes.csv is a sheet: tests/whatif",
    "facts/table_text.py": "the one writer of tables: imports, history, records, and folders that live for one computation",
    "facts/table_import.py": "`tables export` by DuckDB",
    "ledger/export.py": "time_entries.csv of the ledger, as signed",
    # Files that nobody is handed.
    "policy/fee_folder.py": "published fees, which `policy` reads again",
    "synthetic/files.py": "invented people, no outside text",
    "web/patients/demo.py": "invented people, no outside text",
    "web/oversight/tables.py": "a file that lives for one statement",
}
"""Modules that write CSV by themselves rather than through ``core.sheets.Sheet``, and why nothing runs there."""


def test_every_module_that_writes_csv_by_itself_says_why() -> None:
    found = {str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py") if WRITES.search(file.read_text("utf-8"))}
    assert found - BY_ITSELF.keys() == set(), "write it through core.sheets.Sheet"
    assert BY_ITSELF.keys() - found == set(), "it writes none by itself any more"


@pytest.mark.parametrize("line", [
    "csv.writer(stream)", "csv.DictWriter(stream, names)", "frame.to_csv(file)", "table.write_csv(file)",
    "COPY (SELECT 1) TO '{file}' (FORMAT csv, HEADER)", "f\"TO '{folder / 'changes.csv'}' (FORMAT CSV)\"",
    "COPY t TO 'out/held.csv'",
])  # fmt: skip
def test_the_search_sees_every_way_to_write_csv(line: str) -> None:
    assert WRITES.search(line)


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_hostile_cell_is_text(cell: str, tmp_path: Path) -> None:
    _write(tmp_path / "radar.csv", ["id"], [[cell]])
    with (tmp_path / "radar.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1] == ["'" + cell]
    assert next(iter(csv_lines([[cell]]))).strip('"').startswith("'")
    assert csv_answer("a.csv", ["id"], [[cell]]).content.decode().split("\r\n", 1)[1].strip('"').startswith("'")
    assert list(csv.reader(StringIO(_sheet(["claim_id"], [[cell]]), newline="")))[1] == ["'" + cell]


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_hostile_cell_of_a_folder_of_tables_comes_back_as_it_was(cell: str, tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text(
        table_text("patients", [{"patient_id": "p1", "family_name": cell}]), newline=""
    )
    assert [row["family_name"] for row in read_rows(tmp_path, "patients")] == [cell]


@pytest.mark.parametrize("cell", HOSTILE)
def test_an_organisations_records_come_back_as_they_were(cast: Cast, cell: str, tmp_path: Path) -> None:
    with acting_in(cast.clinic):
        Patient.objects.filter(pk=cast.patient.pk).update(family_name=cell)
        export_records(tmp_path)
    with duckdb.connect() as con:
        assert open_folder(con, tmp_path).exit_status == 0
        assert con.execute("SELECT family_name FROM patients").fetchall() == [(cell,)]


def test_a_sheet_tells_its_rows_and_leaves_unknown_cells_empty() -> None:
    text = StringIO()
    assert Sheet(text).rows(iter([["a", None, -1], ["=b", 2, "-12.50"]])) == 2
    assert text.getvalue() == "a,,-1\r\n'=b,2,-12.50\r\n"


@pytest.mark.parametrize("cell", HOSTILE)
def test_the_held_file_runs_nothing(cell: str, tmp_path: Path) -> None:
    claim = SimpleNamespace(
        control_number=cell, patient_id=cell, practitioner_id=cell, month="2026-10", lines=[], total_cents=-1250
    )
    hold = SimpleNamespace(check="CLM001", field=cell, what=cell, why=cell, mend=cell)
    _held_file(tmp_path / "held.csv", [SimpleNamespace(claim=claim, holds=[hold])])  # type: ignore[list-item]
    with (tmp_path / "held.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert {row[name] for name in ("control_number", "patient", "practitioner", "field", "what", "why", "mend")} == {
        "'" + cell
    }


@pytest.mark.parametrize("cell", ["-12.50", "99490", "", "p1", 7, None])
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert guarded(cell) == cell


@pytest.mark.parametrize(("name", "safe"), [
    ("a b.csv", "a_b.csv"), ("../../x.csv", "_.._x.csv"), (".bashrc", "bashrc"), ("é\r\n.pdf", "___.pdf"), ("...", "file"),
])  # fmt: skip
def test_a_download_has_a_harmless_name(name: str, safe: str) -> None:
    assert harmless(name) == safe
