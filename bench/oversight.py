"""``python -m bench.oversight``: the radar over claim lines, and the study over a population, each with its peak memory."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from careledger.oversight.radar.run import scan
from careledger.policy import load_policy

CLAIMS = """
COPY (
    SELECT 'c' || i AS claim_id, 'p' || (i // 12) AS patient_id, 'd' || (i // 1200) AS rendering_npi, 'g' || (i // 6000) AS billing_npi,
        CASE WHEN i % 997 = 0 THEN '99426' WHEN i % 12 = 11 THEN '99439' WHEN i % 12 > 5 THEN '99214' ELSE '99490' END AS hcpcs_code,
        CAST(DATE '2026-01-15' + INTERVAL (i % 6) MONTH AS DATE) AS date_of_service,
        CASE WHEN i % 5003 = 0 THEN 3 ELSE 1 END AS units, 60.0 AS paid_amount
    FROM range(?) t(i)
) TO '{file}' (HEADER)
"""


def radar(lines: int, folder: Path) -> None:
    """Measure the radar over so many lines; prints one line."""
    file = folder / "claims.csv"
    with duckdb.connect() as con:
        con.execute(CLAIMS.format(file=file), [lines])
    start = time.perf_counter()
    with duckdb.connect() as con:
        con.execute("SET threads = 2")
        found = scan(con, file, load_policy(), date(2026, 11, 23))
    taken = time.perf_counter() - start
    print(f"radar: {lines:,} lines in {taken:.1f} s, {len(found.findings):,} findings, peak {_peak_mb():,.0f} MB")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=1_000_000)
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        radar(told.lines, Path(folder))


if __name__ == "__main__":
    main()
