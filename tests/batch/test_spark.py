"""The same close on Apache Spark: every file has the same rows, however many shards there are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from bench.generate import Population, generate

from careledger.batch.close import close_month
from careledger.batch.outputs import FILES
from careledger.batch.shards import spread, together, write_shards
from careledger.batch.spark import close_on_spark
from careledger.facts.tables import open_folder
from careledger.facts.working import working_database
from careledger.policy import load_policy

POPULATION = Population(patients=3_000, entries=30_000)
AS_OF = date(2026, 11, 5)


def _rows(folder: Path, name: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?) ORDER BY ALL", [str(folder / name)]).fetchall()


@pytest.mark.xdist_group("spark")
def test_the_close_on_spark_has_the_rows_of_the_local_one(tmp_path: Path) -> None:
    data, local, spark = tmp_path / "data", tmp_path / "local", tmp_path / "spark"
    generate(POPULATION, data)
    policy = load_policy()
    one = close_month(data, local, POPULATION.month, policy, as_of=AS_OF, self_audit=True)
    other = close_on_spark(
        data, spark, POPULATION.month, policy, as_of=AS_OF, self_audit=True, shards=5, master="local[2]"
    )
    for name in FILES:
        assert _rows(spark, name) == _rows(local, name), name
    assert other.totals == one.totals
    assert (other.audit.rows, other.audit.differ) == (one.audit.rows, 0)  # type: ignore[union-attr]
    assert one.audit is not None
    assert one.audit.rows > POPULATION.patients / 2
    told = json.loads((spark / "summary.json").read_text())
    assert told["codes"] == json.loads((local / "summary.json").read_text())["codes"]
    assert sorted(file.name for file in spark.iterdir()) == sorted(file.name for file in local.iterdir())


def test_practices_that_share_anybody_stay_together() -> None:
    found = together(
        [("worker n", "practice a"), ("worker n", "practice b"), ("worker m", "practice c")], ["practice d"]
    )
    assert found["practice a"] == found["practice b"]
    assert len({found[f"practice {name}"] for name in "acd"}) == 3


def test_groups_are_spread_by_weight() -> None:
    placed = spread({"a": 10, "b": 6, "c": 5, "d": 1}, 2)
    assert placed["a"] != placed["b"]
    loads = [
        sum({"a": 10, "b": 6, "c": 5, "d": 1}[name] for name, shard in placed.items() if shard == n) for n in (0, 1)
    ]
    assert loads == [11, 11]


def test_a_shard_keeps_the_order_of_the_panel(tmp_path: Path) -> None:
    """Of a patient's billers the first one listed has the first turn; the second may stand a million rows below."""
    patients = 30_000
    (tmp_path / "data").mkdir()
    with working_database() as con:
        for table, sql in {
            "practices": "SELECT 'g' AS practice_id",
            "people": "SELECT 'n' || i AS person_id, 'physician' AS kind, 'g' AS practice_id FROM range(2) AS t(i)",
            "patients": f"SELECT 'p' || i AS patient_id FROM range({patients}) AS t(i)",
            "panel": f"SELECT 'p' || i % {patients} AS patient_id, 'n' || i // {patients} AS biller_id FROM range({2 * patients}) AS t(i)",
        }.items():
            file = tmp_path / "data" / f"{table}.parquet"
            con.execute(f"COPY ({sql}) TO '{file}' (FORMAT PARQUET, ROW_GROUP_SIZE 2048)")
    with working_database() as con:
        open_folder(con, tmp_path / "data")
        (shard,) = write_shards(con, tmp_path / "shards", 4)
        listed = "SELECT patient_id, biller_id FROM read_parquet(?)"
        asked, found = (
            con.execute(listed, [str(file)]).fetchall()
            for file in (tmp_path / "data" / "panel.parquet", shard / "panel.parquet")
        )
    assert found == asked
