"""``python -m bench.close``: the month close as a ratio to a floor measured in the same run.

The floor is the same Parquet of time entries scanned and summed by patient and kind of staff in DuckDB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from bench.generate import Population, generate
from careledger.batch.close import close_month
from careledger.core.month import Month
from careledger.policy import load_policy


def floor(data: Path) -> float:
    """Seconds to scan and sum the time entries, the best of three."""
    sql = """
        SELECT e.patient_id, p.kind, SUM(e.end_s - e.start_s)
        FROM read_parquet(?) AS e JOIN read_parquet(?) AS p ON p.person_id = e."by" GROUP BY ALL
    """
    files = [str(data / "time_entries.parquet"), str(data / "people.parquet")]
    taken = []
    for _ in range(3):
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            start = time.perf_counter()
            con.execute(f"CREATE TABLE sums AS {sql}", files)
            taken.append(time.perf_counter() - start)
    return min(taken)


def _closed(data: str, out: str, month: str, audited: bool) -> tuple[float, float, dict[str, object]]:
    """A close in a process of its own: seconds, peak memory in MB, and what it tells."""
    policy = load_policy()
    start = time.perf_counter()
    summary = close_month(Path(data), Path(out), Month.parse(month), policy, self_audit=audited)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": summary.seconds, "distinct": summary.distinct, "audit": summary.audit}
    return taken, peak, told


def measure(patients: int, entries: int, audited: bool) -> None:
    """Generate, measure, print."""
    population = Population(patients=patients, entries=entries)
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "data", Path(folder) / "out"
        made = generate(population, data)
        least = floor(data)
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            taken, peak, told = alone.apply(_closed, (str(data), str(out), str(population.month), audited))
    seconds = told["seconds"]
    assert isinstance(seconds, dict)
    audit_s = seconds.get("audit", 0.0)
    print(f"{patients:,} patients, {entries:,} time entries; generated in {made:.1f} s")
    print(f"floor {least:.2f} s; close {taken - audit_s:.2f} s = {(taken - audit_s) / least:.1f} times the floor")
    print(f"peak memory {peak:,.0f} MB; {told['distinct']:,} different months; parts {seconds}")
    if told["audit"] is not None:
        found = told["audit"]
        print(f"self-audit: {found.rows:,} rows decided again, {found.differ:,} differ ({audit_s:.1f} s)")  # type: ignore[attr-defined]


def main() -> None:
    """Measure one size, or several."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, nargs="+", default=[1_000_000])
    options.add_argument("--entries", type=int, nargs="+", default=[10_000_000])
    options.add_argument("--no-audit", action="store_true")
    told = options.parse_args()
    for patients, entries in zip(told.patients, told.entries, strict=True):
        measure(patients, entries, not told.no_audit)


if __name__ == "__main__":
    main()
