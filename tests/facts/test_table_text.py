"""Cells of tables come back as they were, in files of our own and in files that we add to."""

from __future__ import annotations

from pathlib import Path

import pytest

from careledger.facts.table_text import append_rows, table_text
from careledger.facts.tables import open_folder
from careledger.facts.working import working_database

STRANGE = ("a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", "=1+1")


def names_of(folder: Path) -> list[str]:
    with working_database() as con:
        open_folder(con, folder)
        return [row[0] for row in con.execute("SELECT family_name FROM patients ORDER BY patient_id").fetchall()]


@pytest.mark.parametrize("name", STRANGE, ids=repr)
def test_a_cell_comes_back(name: str, tmp_path: Path) -> None:
    rows = [{"patient_id": "p1", "family_name": name}, {"patient_id": "p2", "family_name": "Lake"}]
    (tmp_path / "patients.csv").write_text(table_text("patients", rows), "utf-8", newline="")
    assert names_of(tmp_path) == [name, "Lake"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=repr)
@pytest.mark.parametrize("is_open", [False, True], ids=["ended", "open"])
@pytest.mark.parametrize("name", STRANGE, ids=repr)
def test_rows_are_added_to_a_file_of_either_ending(name: str, is_open: bool, ending: str, tmp_path: Path) -> None:
    """A table that came in ends its lines as its writer did, the last perhaps not at all."""
    file = tmp_path / "patients.csv"
    file.write_text(f"patient_id,family_name{ending}p1,Lake{'' if is_open else ending}", "utf-8", newline="")
    append_rows(file, [("p2", name)])
    assert names_of(tmp_path) == ["Lake", name]
