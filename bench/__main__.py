"""``python -m bench``: the month close as a ratio to a floor measured in the same run.

The floor is the same Parquet of time entries scanned and summed by patient and kind of staff in DuckDB.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from bench.generate import Population, generate
from careledger.batch.close import close_month
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
            start = time.perf_counter()
            con.execute(f"CREATE TABLE sums AS {sql}", files)
            taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    """Generate, measure, print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, default=1_000_000)
    options.add_argument("--entries", type=int, default=10_000_000)
    options.add_argument("--no-audit", action="store_true")
    told = options.parse_args()
    population = Population(patients=told.patients, entries=told.entries)
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "data", Path(folder) / "out"
        made = generate(population, data)
        least = floor(data)
        start = time.perf_counter()
        summary = close_month(data, out, population.month, load_policy(), self_audit=not told.no_audit)
        taken = time.perf_counter() - start
    audited = summary.seconds.get("audit", 0.0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{told.patients:,} patients, {told.entries:,} time entries; generated in {made:.1f} s")
    print(f"floor {least:.2f} s; close {taken - audited:.2f} s = {(taken - audited) / least:.1f} times the floor")
    print(f"peak memory {peak:,.0f} MB; {summary.distinct:,} different months; parts {summary.seconds}")
    if summary.audit is not None:
        print(
            f"self-audit: {summary.audit.rows:,} rows decided again, {summary.audit.differ:,} differ ({audited:.1f} s)"
        )


if __name__ == "__main__":
    main()
