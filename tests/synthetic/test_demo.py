"""The demo: the clinic goes through the importers, the close and the claims, and what comes out is what was designed."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from careledger.cli.demo import demo


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("demo")
    return out, CliRunner().invoke(demo, ["--out", str(out), "--binders", "3"], catch_exceptions=False)


def labels(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "clinic" / "labels.csv").read_text().splitlines()))


def test_it_runs_to_the_end(ran: tuple[Path, Result]) -> None:
    assert ran[1].exit_code == 0


def test_importers_close_and_labels_agree_for_every_patient(ran: tuple[Path, Result]) -> None:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in pq.read_table(ran[0] / "close" / "decisions.parquet", filters=[("verdict", "=", "bill")]).to_pylist():
        found[row["patient"]][row["code"]] = row["units"]
    for label in labels(ran[0]):
        wanted = {code: int(units) for code, units in (pair.split(":") for pair in label["bills"].split())}
        assert found[label["patient_id"]] == wanted, label["situation"]


def test_the_page_counts_what_was_designed(ran: tuple[Path, Result]) -> None:
    billed = sum(1 for label in labels(ran[0]) if label["bills"])
    held = sum(1 for label in labels(ran[0]) if label["held"])
    page = ran[1].output
    assert f"Billed: {billed} patients, $" in page
    assert f"{billed - held} claims are ready" in page
    assert f"{held} claims are held" in page
    assert "the NPI's check digit is wrong" in page
    assert "Not enrolled: 5 patients" in page
    assert "At most 5 minutes missing of 20" in page


def test_the_page_is_also_a_file_without_colours(ran: tuple[Path, Result]) -> None:
    text = (ran[0] / "summary.txt").read_text()
    assert "What to do next" in text
    assert "\x1b" not in text


def test_every_file_named_on_the_page_is_there(ran: tuple[Path, Result]) -> None:
    named = [line.split("  ")[1].strip() for line in ran[1].output.splitlines() if line.startswith(f"  {ran[0]}")]
    assert len(named) >= 8
    assert all(Path(name).exists() for name in named)


def test_each_ready_claim_stands_once_in_the_files(ran: tuple[Path, Result]) -> None:
    text = "".join(file.read_text() for file in (ran[0] / "claims").glob("*.x12"))
    claims = [segment.split("*")[1] for segment in text.replace("\n", "").split("~") if segment.startswith("CLM*")]
    ready = sum(1 for label in labels(ran[0]) if label["bills"] and not label["held"])
    assert len(claims) == len(set(claims)) == ready


def test_binders_are_printed_for_billed_patients_of_different_situations(ran: tuple[Path, Result]) -> None:
    binders = list((ran[0] / "binders").glob("*.pdf"))
    situation = {label["patient_id"]: label["situation"] for label in labels(ran[0])}
    assert len({situation[binder.stem.split("_")[2]] for binder in binders}) == len(binders) == 3
    assert all(binder.read_bytes().startswith(b"%PDF") for binder in binders)


def test_a_second_run_in_the_same_folder_changes_nothing(ran: tuple[Path, Result]) -> None:
    out = ran[0]
    before = {file.name: file.read_bytes() for file in (out / "claims").glob("*.x12")}
    again = CliRunner().invoke(demo, ["--out", str(out), "--binders", "3"], catch_exceptions=False)
    assert again.output == ran[1].output
    assert {file.name: file.read_bytes() for file in (out / "claims").glob("*.x12")} == before


def test_too_few_patients_are_refused_in_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(demo, ["--out", str(tmp_path), "--patients", "20"])
    assert result.exit_code == 2
    assert "designed situations need" in result.output
