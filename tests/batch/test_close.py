"""What a close leaves behind: whole or nothing, the same again, every row set aside told."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from bench.generate import Population, generate

from careledger.batch.close import close_month
from careledger.batch.outputs import FILES
from careledger.core.errors import InputError
from careledger.policy import load_policy

POPULATION = Population(patients=2_000, entries=20_000)
AS_OF = date(2026, 11, 5)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("close") / "data"
    generate(POPULATION, folder)
    return folder


def _digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def _sorted(folder: Path, name: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [str(folder / name)]).fetchall()


def test_a_second_close_says_the_same(data: Path, tmp_path: Path) -> None:
    policy = load_policy()
    for name in ("one", "two"):
        summary = close_month(data, tmp_path / name, POPULATION.month, policy, as_of=AS_OF, self_audit=True)
        assert summary.exit_status == 0
    for name in FILES:
        assert _sorted(tmp_path / "one", name) == _sorted(tmp_path / "two", name)


def test_several_billers_are_decided_in_turn_whatever_is_asked_or_proposed(data: Path, tmp_path: Path) -> None:
    """A month stands as decided alone only for who has the first turn, is asked nothing further and proposes nothing."""
    folder = tmp_path / "data"
    folder.mkdir()
    for file in data.glob("*.parquet"):
        if file.stem != "panel":
            (folder / file.name).symlink_to(file)
    with duckdb.connect() as con:
        con.execute(f"SET file_search_path = '{data}'")
        con.execute("""
            CREATE TABLE joined AS
            SELECT * FROM 'panel.parquet'
            UNION ALL
            SELECT l.* REPLACE (o.person_id AS biller_id) FROM 'panel.parquet' AS l JOIN 'people.parquet' AS o
              ON o.kind IN ('np', 'pa', 'physician') AND hash(l.patient_id, o.person_id) % 30 = 0
        """)
        con.execute("""
            CREATE TABLE billers AS SELECT DISTINCT ON (patient_id, biller_id) * REPLACE (
              CASE WHEN hash(biller_id, patient_id) % 4 = 0 THEN '99491 G0556' ELSE asked END AS asked) FROM joined
        """)
        con.execute(
            f"COPY (SELECT * FROM billers ORDER BY patient_id, hash(biller_id)) TO '{folder / 'panel.parquet'}'"
        )
        con.execute(f"""
            COPY (SELECT patient_id, biller_id AS practitioner, '99490' AS code FROM billers WHERE hash(patient_id, biller_id, 1) % 7 = 0)
            TO '{folder / "proposed_lines.parquet"}'
        """)
        several = con.execute(
            "SELECT COUNT(*) FROM (FROM billers SELECT patient_id GROUP BY 1 HAVING COUNT(*) > 2)"
        ).fetchall()
    assert several > [(100,)]
    summary = close_month(folder, tmp_path / "out", POPULATION.month, load_policy(), as_of=AS_OF, self_audit=True)
    assert summary.audit is not None
    assert (summary.audit.differ, summary.audit.first) == (0, [])


def test_every_billed_row_has_a_proof_whose_findings_are_written(data: Path, tmp_path: Path) -> None:
    close_month(data, tmp_path / "out", POPULATION.month, load_policy(), as_of=AS_OF)
    with duckdb.connect() as con:
        con.execute(f"SET file_search_path = '{tmp_path / 'out'}'")
        rows = con.execute("""
            SELECT d.verdict, COUNT(*), COUNT(p.proof), MIN(LEN(p.findings))
            FROM 'decisions.parquet' d LEFT JOIN 'proofs.parquet' p ON p.proof = d.proof GROUP BY 1
        """).fetchall()
        assert {row[0] for row in rows} >= {"bill", "no"}
        assert all(count == proven and least > 0 for _, count, proven, least in rows)
        unwritten = con.execute("""
            SELECT COUNT(*) FROM (SELECT UNNEST(findings) AS finding FROM 'proofs.parquet') AS n
            WHERE finding NOT IN (SELECT finding FROM 'findings.parquet')
        """).fetchall()
        assert unwritten == [(0,)]
        cited = con.execute("SELECT COUNT(*) FROM 'findings.parquet' WHERE cite <> ''").fetchall()[0][0]
        assert cited > 20


def test_a_folder_that_holds_something_else_is_left_alone(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("keep me")
    with pytest.raises(InputError, match="holds something else"):
        close_month(data, out, POPULATION.month, load_policy(), as_of=AS_OF)
    assert _digests(out) == {"letter.txt": hashlib.sha256(b"keep me").hexdigest()}


def test_a_killed_close_leaves_the_earlier_one_as_it_was(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    close_month(data, out, POPULATION.month, load_policy(), as_of=AS_OF)
    before = _digests(out)
    command = [
        str(Path(sys.executable).with_name("careledger")), "close", "--month", str(POPULATION.month), "--data", str(data), "--out", str(out),
        "--as-of", AS_OF.isoformat(),
    ]  # fmt: skip
    killed = 0
    for wait_s in (0.3, 0.6, 0.9, 1.2):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        deadline = time.monotonic() + 5
        while not (out / "summary.json").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.returncode != 0:
            assert _digests(out) == before
        else:
            before = _digests(out)
    assert killed


def test_parts_are_told_while_it_runs(data: Path, tmp_path: Path) -> None:
    told: list[str] = []
    close_month(
        data, tmp_path / "out", POPULATION.month, load_policy(), lambda part, _done, _of: told.append(part),
        as_of=AS_OF, self_audit=True,
    )  # fmt: skip
    assert {"read", "facts", "decide", "audit", "write"} <= set(told)
    assert len(told) > 30
