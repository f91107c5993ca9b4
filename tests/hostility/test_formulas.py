"""A cell that a spreadsheet would run is text in every sheet written for people, and comes back whole where it is read back."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import careledger
from careledger.claims.outbox import _held_file
from careledger.core.sheets import guarded, harmless
from careledger.oversight.radar.sheets import _write
from careledger.web.audit.export import csv_lines
from careledger.web.oversight.exports import csv_answer

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
HANDS = ("cli", "documents", "oversight", "web")
"""Packages whose files are handed to people."""
FOR_PEOPLE = {
    "claims/outbox.py": "held.csv, guarded: test_the_held_file_runs_nothing",
    "cli/forecast.py": "guarded",
    "oversight/radar/sheets.py": "guarded: test_a_hostile_cell_is_text",
    "oversight/study/run.py": "figures of ours: ids, labels and numbers of the definitions, no cell of the claims",
    "web/audit/export.py": "guarded: test_a_hostile_cell_is_text",
    "web/oversight/exports.py": "guarded: test_a_hostile_cell_is_text",
}
"""Modules that write CSV for people's spreadsheets, and why nothing runs there."""
FOR_MACHINES = {
    "web/keeping/tables.py": "guarded, and the reader takes the mark off again: tests/web/test_cells.py",
    "web/keeping/records.py": "a folder of tables, see below",
    "web/intake/pouring.py": "a folder that lives for one import",
    "web/patients/demo.py": "invented people, no outside text",
    "web/revenue/book.py": "a folder that lives for one computation",
    "web/oversight/tables.py": "a folder that lives for one computation",
}
"""Modules there whose CSV is read back by this program, and why its cells stay as they are.

The folders of tables (``facts``, ``fhir``, ``ledger``, ``batch``, ``claims.history``) are such files too: DuckDB, Spark and other systems read them
as they lie, and an entry whose text carried a mark would not be the entry that the ledger's chain signed.
"""


def test_every_module_that_writes_csv_says_for_whom() -> None:
    root = Path(careledger.__file__).parent
    writes = re.compile(r"csv\.(writer|DictWriter)\(|\.to_csv\(|TO '[^']*csv")
    files = (file for hand in HANDS for file in (root / hand).rglob("*.py"))
    found = {str(file.relative_to(root)) for file in files if writes.search(file.read_text("utf-8"))}
    assert found - FOR_PEOPLE.keys() - FOR_MACHINES.keys() == set()
    assert all((root / name).is_file() for name in (*FOR_PEOPLE, *FOR_MACHINES))


@pytest.mark.parametrize("name", [name for name, why in FOR_PEOPLE.items() if why.startswith(("guarded", "held"))])
def test_a_module_that_says_so_guards(name: str) -> None:
    assert "guarded(" in (Path(careledger.__file__).parent / name).read_text("utf-8")


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_hostile_cell_is_text(cell: str, tmp_path: Path) -> None:
    _write(tmp_path / "radar.csv", ["id"], [[cell]])
    with (tmp_path / "radar.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1] == ["'" + cell]
    assert next(iter(csv_lines([[cell]]))).strip('"').startswith("'")
    assert csv_answer("a.csv", ["id"], [[cell]]).content.decode().split("\r\n", 1)[1].strip('"').startswith("'")


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
