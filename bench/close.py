"""``python -m bench.close``: the month close as a ratio to a floor measured in the same run.

The floor is the same Parquet of time entries scanned and summed by patient and kind of staff in DuckDB. Both are told in
seconds of the clock and of the processors: on a machine that does other work too, only the second says what the close costs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.generate import Population, generate
from careledger.batch.close import CloseSummary, close_month
from careledger.batch.outputs import FILES
from careledger.core.month import Month
from careledger.policy import load_policy


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of the clock, seconds of all processors, and the most memory of a process."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Told:
    """What a close tells of itself."""

    parts: dict[str, float]
    distinct: int
    audited: tuple[int, int] | None


def floor(data: Path) -> Taken:
    """Scan and sum the time entries; the best of three."""
    sql = """
        SELECT e.patient_id, p.kind, SUM(e.end_s - e.start_s)
        FROM read_parquet(?) AS e JOIN read_parquet(?) AS p ON p.person_id = e."by" GROUP BY ALL
    """
    files = [str(data / "time_entries.parquet"), str(data / "people.parquet")]
    taken = []
    for _ in range(3):
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            taken.append(timed(lambda con=con: con.execute(f"CREATE TABLE sums AS {sql}", files)))  # type: ignore[misc]
    return Taken(min(one.wall_s for one in taken), min(one.cpu_s for one in taken), taken[-1].peak_mb)


def timed(act: Callable[[], object]) -> Taken:
    """What an act takes, child processes that have ended included; Spark's workers are not children of ours."""
    wall, cpu = time.perf_counter(), _cpu_s()
    act()
    return Taken(time.perf_counter() - wall, _cpu_s() - cpu, _peak_mb())


def _peak_mb() -> float:
    """The most memory this program held. Not ``ru_maxrss`` where it can be helped: that begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found is not None:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def closed(data: Path, out: Path, month: Month, *, audited: bool = False, on_spark: bool = False) -> tuple[Taken, Told]:
    """A close in a process of its own; the self-audit is not counted in what it takes."""
    with multiprocessing.get_context("spawn").Pool(1) as alone:
        return alone.apply(_closed, (data, out, str(month), audited, on_spark))


def _closed(data: Path, out: Path, month: str, audited: bool, on_spark: bool) -> tuple[Taken, Told]:
    policy, audits = load_policy(), list[float]()
    made: list[CloseSummary] = []

    def tell(part: str, _done: int, _of: int) -> None:
        if part in ("audit", "write"):
            audits.append(_cpu_s())

    def act() -> None:
        if on_spark:
            from careledger.batch.spark import close_on_spark

            made.append(close_on_spark(data, out, Month.parse(month), policy, master="local[2]"))
        else:
            made.append(close_month(data, out, Month.parse(month), policy, tell, self_audit=audited))

    taken = timed(act)
    summary, audit_cpu = made[0], audits[-1] - audits[0] if audited else 0.0
    told = Told(
        {part: seconds for part, seconds in summary.seconds.items() if part != "audit"},
        summary.distinct,
        None if summary.audit is None else (summary.audit.rows, summary.audit.differ),
    )
    return Taken(taken.wall_s - summary.seconds.get("audit", 0.0), taken.cpu_s - audit_cpu, taken.peak_mb), told


def measure(population: Population, data: Path, out: Path, *, audited: bool, on_spark: bool) -> bool:
    """Measure and print one size; is everything as it must be?"""
    if not (data / "time_entries.parquet").exists():
        print(f"generated in {generate(population, data):.1f} s")
    before = os.getloadavg()[0]
    least = floor(data)
    taken, told = closed(data, out / "local", population.month, audited=audited)
    print(
        f"{population.patients:,} patients, {population.entries:,} time entries; load of the machine before {before:.1f}"
    )
    print(f"floor {least.wall_s:.2f} s, {least.cpu_s:.2f} processor seconds")
    print(_line("close", taken, least))
    print(f"{told.distinct:,} different months; parts {told.parts}")
    good = True
    if told.audited is not None:
        rows, differ = told.audited
        good = not differ
        print(f"self-audit: {rows:,} rows decided again on their exact facts, {differ:,} differ")
    if on_spark:
        other, _ = closed(data, out / "spark", population.month, on_spark=True)
        print(f"close on Spark, local[2] {other.wall_s:.1f} s = {other.wall_s / least.wall_s:.1f} times the floor")
        unlike = [name for name in FILES if not same_rows(out / "local" / name, out / "spark" / name)]
        print(f"files whose rows differ on Spark: {unlike or 'none'}")
        good &= not unlike
    return good


def _line(what: str, taken: Taken, least: Taken) -> str:
    return (
        f"{what} {taken.wall_s:.1f} s = {taken.wall_s / least.wall_s:.1f} times the floor; {taken.cpu_s:.1f} processor seconds = "
        f"{taken.cpu_s / least.cpu_s:.1f} times; peak memory {taken.peak_mb:,.0f} MB"
    )


def same_rows(one: Path, other: Path) -> bool:
    """Do two files hold the same rows, as often, in whatever order? By count and by the sum of the rows' hashes."""
    sql = "SELECT COUNT(*), SUM(CAST(hash(r) AS HUGEINT)), BIT_XOR(hash(r)) FROM read_parquet(?) AS r"
    with duckdb.connect() as con:
        found = [con.execute(sql, [str(file)]).fetchall() for file in (one, other)]
    return found[0] == found[1]


def flat(patients: int, months: Sequence[int], folder: Path) -> None:
    """Close the last month of ever longer logs; prints the peak memory of each."""
    population = Population(patients=patients, entries=patients * 10)
    generate(population, folder / "one")
    for count in months:
        data = folder / f"log-{count}"
        lengthened(folder / "one", data, count)
        taken, _ = closed(data, folder / "out", population.month)
        print(
            f"log of {count:>2} months ({count * population.entries:,} entries): peak memory {taken.peak_mb:,.0f} MB, "
            f"{taken.cpu_s:.1f} processor seconds"
        )


def lengthened(source: Path, target: Path, months: int) -> None:
    """The same tables with a log of so many months, each of 31 days, that ends with the source's."""
    target.mkdir()
    for file in source.glob("*.parquet"):
        if file.stem != "time_entries":
            (target / file.name).symlink_to(file)
    earlier = f"""
        SELECT * EXCLUDE (back) REPLACE (
            entry_id || '-' || back AS entry_id, start_s - back * 31 * 86400 AS start_s, end_s - back * 31 * 86400 AS end_s,
            "on" - CAST(back * 31 AS INTEGER) AS "on", recorded_s - back * 31 * 86400 AS recorded_s
        )
        FROM read_parquet('{source / "time_entries.parquet"}'), range({months}) AS b(back) ORDER BY back DESC
    """
    with duckdb.connect(config={"temp_directory": str(target / ".spill"), "memory_limit": "3GB"}) as con:
        con.execute(f"COPY ({earlier}) TO '{target / 'time_entries.parquet'}' (FORMAT PARQUET)")


@contextmanager
def kept(folder: Path | None) -> Any:
    """The folder named, or one that vanishes."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)


def main() -> None:
    """Measure one size, or several."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, nargs="+", default=[1_000_000])
    options.add_argument("--entries", type=int, nargs="+", default=[10_000_000])
    options.add_argument("--no-audit", action="store_true")
    options.add_argument("--spark", action="store_true", help="close on Spark too, and compare every file")
    options.add_argument("--flat", type=int, metavar="PATIENTS", help="close ever longer logs of so many patients")
    options.add_argument("--data", type=Path, help="a folder that keeps what was generated, for one size")
    told = options.parse_args()
    good = True
    for patients, entries in zip(told.patients, told.entries, strict=True):
        with kept(told.data) as folder, tempfile.TemporaryDirectory() as out:
            population = Population(patients=patients, entries=entries)
            good &= measure(population, folder, Path(out), audited=not told.no_audit, on_spark=told.spark)
    if told.flat:
        with tempfile.TemporaryDirectory() as made:
            flat(told.flat, (1, 4, 12), Path(made))
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
