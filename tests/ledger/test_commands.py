"""``careledger ledger``: exit status and what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result
from tests.ledger.ledger_cast import START_S

from careledger.cli.ledger import ledger as group
from careledger.ledger import Ledger


def run(*words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words])


def test_it_logs_corrects_and_shows(path: Path) -> None:
    assert run("init", path).exit_code == 0
    work = ("--patient", "p-1", "--by", "rn-1", "--program", "ccm", "--start", "2026-03-02T10:00")
    logged = run("log", path, "--id", "e1", *work, "--end", "2026-03-02T10:12")
    assert "LATE by" in logged.output
    assert "was there already" in run("log", path, "--id", "e1", *work, "--end", "2026-03-02T10:12").output
    run("replace", path, "e1", "--reason", "wrong end", "--id", "e2", *work, "--end", "2026-03-02T10:14")
    run("void", path, "e2", "--reason", "wrong patient", "--recorded-by", "rn-1", "--id", "v1")
    assert run("show", path).output == ""
    shown = run("show", path, "--all").output
    assert "replaced by e2" in shown
    assert "voided by v1" in shown
    assert "2026-03-02T10:00:00 to 2026-03-02T10:14:00" in shown


def test_it_verifies_with_exit_status_0_and_1(eight: Ledger, tamper: Callable[..., None], tmp_path: Path) -> None:
    anchor = tmp_path / "anchor.json"
    assert run("anchor", eight.path, "--out", anchor).exit_code == 0
    assert run("verify", eight.path, "--anchor", anchor).exit_code == 0
    tamper("DELETE FROM entries WHERE sequence = 8")
    found = run("verify", eight.path, "--anchor", anchor)
    assert found.exit_code == 1
    assert "sequence 8: entry e8" in found.output


def test_it_imports_a_table_and_importing_again_doubles_nothing(path: Path, tmp_path: Path) -> None:
    run("init", path)
    (tmp_path / "patients.csv").write_text("patient_id\np-1\n")
    (tmp_path / "people.csv").write_text("person_id,kind\nrn-1,rn\n")
    rows = [f"e{number},p-1,rn-1,ccm,{START_S + 600 * number},{START_S + 600 * number + 600}" for number in range(3)]
    rows.append(f"x,p-1,rn-1,ccm,{START_S},{START_S + 60}")
    (tmp_path / "time_entries.csv").write_text(
        "\n".join(["entry_id,patient_id,by,programs,start_s,end_s", *rows]) + "\n"
    )
    first = run("import", path, tmp_path, "--recorded-by", "rn-1")
    assert first.exit_code == 1
    assert "3 new, 0 already there, 1 refused" in first.output
    assert "0 new, 3 already there, 1 refused" in run("import", path, tmp_path, "--recorded-by", "rn-1").output
    out = tmp_path / "out.parquet"
    assert run("export", path, "--out", out).output == "out.parquet: 3 entries\n"
