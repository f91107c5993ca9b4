"""The month close on Apache Spark: the very same close, once a shard, in as many tasks as there are shards.

Spark only schedules. Each task closes a folder of tables on its own DuckDB, and the answers are put together at the end, so
the folder for the answers must be one that every worker reaches. Needs the package's ``spark`` extra and a Java runtime.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from careledger.batch.audit import SHOWN, Audit
from careledger.batch.close import MEMORY, CloseSummary, Progress, close_month, placed
from careledger.batch.outputs import FILES
from careledger.batch.shards import write_shards
from careledger.core.errors import CareLedgerError, Place
from careledger.core.month import Month
from careledger.facts.tables import open_folder
from careledger.facts.working import working_database
from careledger.policy.store import Policy

MASTER = "local[*]"
UNIQUE = {"proofs.parquet": "proof", "findings.parquet": "finding"}
"""Files of which several shards may hold the same row, by its number."""


class SparkMissing(CareLedgerError):
    """Spark or Java is not installed."""


def close_on_spark(
    data: Path,
    out: Path,
    month: Month,
    policy: Policy,
    progress: Progress | None = None,
    *,
    as_of: date | None = None,
    self_audit: bool = False,
    shards: int = 16,
    master: str = MASTER,
    memory: str = MEMORY,
) -> CloseSummary:
    """Close a month on Spark; see ``careledger.batch.close.close_month``, whose answers these are.

    Args:
        shards: into how many parts the practices are spread, at most.
        master: the Spark master.
        memory: what DuckDB may hold in all tasks that run at once on this machine.

    Raises:
        InputError: the folder cannot be used.
        SparkMissing: pyspark or Java is not installed.
    """
    say = progress or (lambda *_: None)
    session = spark_session(master, "careledger close")
    seconds: dict[str, float] = {}
    try:
        with placed(out) as folder:
            say("read", 0, 0)
            start = time.perf_counter()
            with working_database(temp_directory=str(folder / "spill"), memory_limit=memory) as con:
                report = open_folder(con, data, as_of=as_of)
                parts = write_shards(con, folder / "shards", shards)
            seconds["read"] = round(time.perf_counter() - start, 3)
            say("close", 0, len(parts))
            start = time.perf_counter()
            tasks = [(str(part), str(part) + ".out", str(month), as_of, self_audit) for part in parts]
            found = session.sparkContext.parallelize(tasks, max(1, len(tasks))).map(_task).collect()
            seconds["close"] = round(time.perf_counter() - start, 3)
            start = time.perf_counter()
            _merged([Path(task[1]) for task in tasks], folder)
            summary = CloseSummary(str(month), policy.version, str(out), report, seconds=seconds)
            summary.totals = _added([one["summary"] for one in found])
            summary.distinct = sum(one["distinct"] for one in found)
            if self_audit:
                summary.audit = Audit(
                    rows=sum(one["audit"][0] for one in found),
                    differ=sum(one["audit"][1] for one in found),
                    first=[line for one in found for line in one["audit"][2]][:SHOWN],
                )
            _cleared(folder)
            (folder / "summary.json").write_text(json.dumps(summary.as_json(), indent=2, sort_keys=True) + "\n")
            seconds["write"] = round(time.perf_counter() - start, 3)
    finally:
        session.stop()
    return summary


def _task(task: tuple[str, str, str, date | None, bool]) -> dict[str, Any]:
    """Close one shard; runs in a Spark worker."""
    from careledger.policy import load_policy

    data, out, month, as_of, self_audit = task
    summary = close_month(
        Path(data), Path(out), Month.parse(month), load_policy(), as_of=as_of, self_audit=self_audit, threads=1
    )
    audit = summary.audit
    return {
        "summary": summary.totals,
        "distinct": summary.distinct,
        "audit": (audit.rows, audit.differ, audit.first) if audit is not None else (0, 0, []),
    }


def spark_session(master: str, name: str) -> Any:
    """A quiet Spark session whose workers run this Python.

    Raises:
        SparkMissing: pyspark or Java is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkMissing("spark: pyspark is not installed; install careledger[spark]") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master(master).appName(name)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.catalogImplementation": "in-memory",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # pyspark raises RuntimeError of its own kinds when Java is missing
        raise SparkMissing(
            f"spark: {Place('java')}: Spark did not start ({type(error).__name__}); install Java 17 or newer"
        ) from None


def _merged(parts: list[Path], folder: Path) -> None:
    """The shards' files as one, rows that several shards share once."""
    with working_database() as con:
        for name in FILES:
            files = [str(part / name) for part in parts]
            rows = "SELECT * FROM read_parquet(?)"
            if name in UNIQUE:
                rows = f"SELECT DISTINCT ON ({UNIQUE[name]}) * FROM read_parquet(?) ORDER BY {UNIQUE[name]}"
            target = str(folder / name).replace("'", "''")
            con.execute(f"COPY ({rows}) TO '{target}' (FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1)", [files])


def _added(totals: list[dict[str, Any]]) -> dict[str, Any]:
    """Totals of shards, whose patients are all different, added up."""
    codes: dict[str, Counter[str]] = {}
    for one in totals:
        for code, row in one["codes"].items():
            codes.setdefault(code, Counter()).update(row)
    blocked = sum((Counter(one["blocked_by"]) for one in totals), Counter())
    return {
        "patients": sum(one["patients"] for one in totals),
        "patient_months": sum(one["patient_months"] for one in totals),
        "codes": {code: dict(row) for code, row in sorted(codes.items())},
        "blocked_by": dict(sorted(blocked.items(), key=lambda item: (-item[1], item[0]))),
        "lost_seconds": dict(sorted(sum((Counter(one["lost_seconds"]) for one in totals), Counter()).items())),
    }


def _cleared(folder: Path) -> None:
    """Leave nothing of the shards."""
    import shutil

    for name in ("shards", "spill"):
        shutil.rmtree(folder / name, ignore_errors=True)
