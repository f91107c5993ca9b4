"""``python -m bench.oversight``: the radar over claim lines, and the study over a population, each with its peak memory."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from careledger.facts.working import working_database
from careledger.oversight.radar.run import scan
from careledger.oversight.study.run import run_study
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
    with working_database() as con:
        con.execute(CLAIMS.format(file=file), [lines])
    start = time.perf_counter()
    with working_database() as con:
        con.execute("SET threads = 2")
        found = scan(con, file, load_policy(), date(2026, 11, 23))
    taken = time.perf_counter() - start
    print(f"radar: {lines:,} lines in {taken:.1f} s, {len(found.findings):,} findings, peak {_peak_mb():,.0f} MB")


POPULATION = """
COPY (
    SELECT 'c' || i AS claim_id, 1 AS claim_line_number, 'p' || (i // 20) AS patient_id,
        CAST(DATE '2024-01-05' + INTERVAL (i % 20) MONTH AS DATE) AS claim_line_end_date, 1 AS service_unit_quantity,
        CASE WHEN (i // 20) % 25 = 0 AND i % 20 > 11 THEN '99490' ELSE '99214' END AS hcpcs_code, 'd' || (i // 2000) AS rendering_npi,
        'g' || (i // 10000) AS billing_npi, 80.5 AS allowed_amount,
        ['I10', 'E119', 'I509', 'N183', 'J449', 'F329', 'M810', 'E785', 'I480', 'E039'][1 + i % 10] AS diagnosis_code_1,
        ['I10', 'E119', 'Z000', 'R296'][1 + i % 4] AS diagnosis_code_2, NULL::VARCHAR AS diagnosis_code_3
    FROM range(?) t(i)
) TO '{file}' (HEADER)
"""
MEMBERS = """
COPY (
    SELECT 'p' || i AS patient_id, DATE '1950-02-01' AS birth_date, NULL::DATE AS death_date, DATE '2024-01-01' AS enrollment_start_date,
        DATE '2025-12-31' AS enrollment_end_date, CASE WHEN i % 7 = 0 THEN '02' ELSE '00' END AS dual_status_code,
        ['GA', 'VT', 'OH', 'CA'][1 + i % 4] AS state
    FROM range(?) t(i)
) TO '{file}' (HEADER)
"""


def study(lines: int, folder: Path) -> None:
    """Measure the study over so many claim lines (CSV) on two cores; prints one line."""
    claims, members = folder / "medical.csv", folder / "eligibility.csv"
    with working_database() as con:
        con.execute(POPULATION.format(file=claims), [lines])
        con.execute(MEMBERS.format(file=members), [lines // 20])
    start = time.perf_counter()
    found = run_study(claims, members, load_policy(), date(2026, 11, 23), threads=2)
    taken = time.perf_counter() - start
    rates = ", ".join(f"{f.year}: {f.value}" for f in found.of("any_ccm_rate"))
    print(f"study: {lines:,} lines in {taken:.1f} s, rates {rates}, peak {_peak_mb():,.0f} MB")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--study-lines", type=int, default=1_000_000)
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if told.lines:
            radar(told.lines, Path(folder))
        if told.study_lines:
            study(told.study_lines, Path(folder))


if __name__ == "__main__":
    main()
