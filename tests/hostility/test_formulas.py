"""A cell that a spreadsheet would run is text in every sheet written for people."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from careledger.core.sheets import guarded
from careledger.oversight.radar.sheets import _write
from careledger.web.audit.export import csv_lines
from careledger.web.oversight.exports import csv_answer

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


@pytest.mark.parametrize("cell", HOSTILE)
def test_a_hostile_cell_is_text(cell: str, tmp_path: Path) -> None:
    _write(tmp_path / "radar.csv", ["id"], [[cell]])
    with (tmp_path / "radar.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1] == ["'" + cell]
    assert next(iter(csv_lines([[cell]]))).strip('"').startswith("'")
    assert csv_answer("a.csv", ["id"], [[cell]]).content.decode().split("\r\n", 1)[1].strip('"').startswith("'")


@pytest.mark.parametrize("cell", ["-12.50", "99490", "", "p1", 7, None])
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert guarded(cell) == cell
