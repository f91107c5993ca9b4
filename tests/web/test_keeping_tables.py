"""An organisation's records out as the tables of docs/tables.md, and into another organisation identically."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from tests.web.cast import Cast

from careledger.core.records import TABLES
from careledger.web.keeping.records import export_records
from careledger.web.patients.loading import load_folder
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time, replace_entry


def test_records_go_out_and_come_into_another_organisation(cast: Cast, clock: object, tmp_path: Path) -> None:
    with acting_in(cast.clinic):
        start = clock.s - 3600  # type: ignore[attr-defined]
        row = log_time(
            acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=start, end_s=start + 600,
            activity="call_patient", note="Called.", entry_id="one",
        )  # fmt: skip
        replace_entry(acting_user=cast["nurse"], entry=row, reason="wrong end", end_s=start + 500)
        written = export_records(tmp_path / "first")
    assert set(written) == TABLES.keys() - {"proposed_lines"}
    assert written["time_entries"] == written["patients"] == 1
    assert written["conditions"] == 2
    elsewhere = Organisation.objects.create(slug="third", name="Third")
    with acting_in(elsewhere):
        loaded = load_folder(tmp_path / "first")
        assert loaded.report.exit_status == 0, loaded.lines()
        export_records(tmp_path / "second")
    for file in sorted((tmp_path / "first").iterdir()):
        assert _rows(file) == _rows(tmp_path / "second" / file.name), file.name


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open() as text:
        return list(csv.DictReader(text))


def test_the_command_refuses_what_it_cannot_do(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="known are"):
        call_command("export_tables", str(tmp_path / "out"), organisation="nowhere")
    call_command("export_tables", str(tmp_path / "out"), organisation="lakeside")
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_tables", str(tmp_path / "out"), organisation="lakeside")
