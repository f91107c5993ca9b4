"""The month close: a folder of tables in, decisions, proofs, facts and a worklist out."""

from __future__ import annotations

import gc
import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from careledger.batch.audit import Audit, audit
from careledger.batch.columns import MonthColumns
from careledger.batch.deciders import Deciders
from careledger.batch.outputs import write_decisions, write_facts
from careledger.batch.signature import Grouping, KeyedMonths, group_months
from careledger.batch.verdicts import Decided, people_of, shared_patients
from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.facts.dialect import DuckDb
from careledger.facts.program import run
from careledger.facts.tables import FolderReport, open_folder
from careledger.facts.whole import made_aside, swapped
from careledger.facts.working import working_database
from careledger.policy.store import Policy

MEMORY = "1100MB"
"""What DuckDB may hold before it spills to disk; the rest of a close stays within 2 GiB in all."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done and how much there is."""


@dataclass(slots=True)
class CloseSummary:
    """What a close did.

    Attributes:
        report: rows read and set aside.
        totals: counts by code, by rule that stands against, seconds lost by reason.
        distinct: patient-months with different facts, each decided once.
        audit: rows compared with the decision on their exact facts; None when not asked for.
        seconds: time taken by each part.
    """

    month: str
    policy_version: str
    out: str
    report: FolderReport
    totals: dict[str, Any] = field(default_factory=dict)
    distinct: int = 0
    audit: Audit | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """0 when every row was used and agrees, 1 when some were set aside or differ."""
        return 1 if self.report.exit_status or (self.audit is not None and self.audit.differ) else 0

    def as_json(self) -> dict[str, Any]:
        """The summary as summary.json holds it."""
        return {
            "month": self.month,
            "policy_version": self.policy_version,
            "rows": {"kept": self.report.kept, "set_aside": self.report.set_aside, "warnings": self.report.warnings},
            **self.totals,
            "distinct_months": self.distinct,
            "audit": None if self.audit is None else asdict(self.audit),
        }


def close_month(
    data: Path,
    out: Path,
    month: Month,
    policy: Policy,
    progress: Progress | None = None,
    *,
    as_of: date | None = None,
    self_audit: bool = False,
    memory: str = MEMORY,
    threads: int | None = None,
) -> CloseSummary:
    """Decide every patient's month in a folder of tables and write the answers.

    Args:
        data: folder of CSV or Parquet tables.
        out: folder for the answers. It appears whole or not at all; an earlier close in it is replaced.
        month: the service month.
        policy: all of policy.
        progress: told of each part.
        as_of: the day of asking; later entries are set aside, and it tells whether the month is over.
        self_audit: decide every row on its exact facts too, and compare.
        memory: what DuckDB may hold in memory.
        threads: how many threads DuckDB may use; as many as there are cores when None.

    Raises:
        InputError: the folder, or a file as a whole, cannot be used; or ``out`` holds something else.
    """
    with placed(out) as folder, _connection(folder, memory, threads) as con:
        work = _Close(con, month, policy, progress or (lambda *_: None), as_of)
        summary = work.close(data, folder, self_audit)
        summary.out = str(out)
        (folder / "summary.json").write_text(json.dumps(summary.as_json(), indent=2, sort_keys=True) + "\n")
    return summary


class _Close:
    """One close on one connection."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, month: Month, policy: Policy, progress: Progress, as_of: date | None
    ) -> None:
        self.con, self.month, self.policy, self.progress, self.as_of = con, month, policy, progress, as_of
        self.seconds: dict[str, float] = {}

    def close(self, data: Path, folder: Path, self_audit: bool) -> CloseSummary:
        with self._timed("read"):
            report = open_folder(self.con, data, as_of=self.as_of)
        with self._timed("facts"):
            run(DuckDb(self.con), self.month, self.policy, progress=lambda name, at, of: self.progress(name, at, of))
        with self._timed("decide"), _nothing_collected():
            deciders = Deciders(self.policy, self.month)
            self._group(deciders)
            with self._facts_written(folder):
                decided, shared = self._decide(deciders)
        summary = CloseSummary(str(self.month), self.policy.version, str(folder), report, seconds=self.seconds)
        summary.distinct = decided.months
        if self_audit:
            with self._timed("audit"):
                summary.audit = audit(
                    self.con, self.month, self.as_of, deciders, people_of(self.con), shared,
                    lambda done, of: self.progress("audit", done, of),
                )  # fmt: skip
        with self._timed("write"):
            summary.totals = write_decisions(self.con, folder, self.month)
        return summary

    def _group(self, deciders: Deciders) -> None:
        """Group equal months, as all payers that occur would see them; leaves what ``group_months`` leaves."""
        payers = [
            row[0]
            for row in self.con.execute(
                "SELECT DISTINCT payer FROM months UNION SELECT DISTINCT plan FROM months"
            ).fetchall()
        ]
        views = [deciders.view(payer) for payer in sorted(self.policy.payers.keys() & set(payers)) or ["medicare_ffs"]]
        closed = self.as_of is not None and self.as_of > self.month.last_on
        group_months(self.con, Grouping.of(self.policy, views, closed))

    def _decide(self, deciders: Deciders) -> tuple[Decided, dict[int, Any]]:
        """Decide equal months once; leaves what ``Decided`` leaves, and ``bill_sets``."""
        months = MonthColumns(KeyedMonths(self.con, self.month, self.as_of))
        decided = Decided(self.con, deciders, months, people_of(self.con))
        shared = list(shared_patients(self.con))
        decided.decide(shared)
        self.con.execute("""
            CREATE TABLE bill_sets AS
            SELECT k.bill, COALESCE(s.set_no, k.month_key) AS set_no
            FROM bill_keys AS k LEFT JOIN special_sets AS s ON s.bill = k.bill
        """)
        return decided, {bill: patient for patient in shared for bill, _, _ in patient.bills}

    @contextmanager
    def _facts_written(self, folder: Path) -> Iterator[None]:
        """Facts are written by a thread of their own meanwhile: deciding takes one core."""
        with self.con.cursor() as other, ThreadPoolExecutor(1) as writer:
            writing = writer.submit(write_facts, other, folder)
            yield
            writing.result()

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        self.progress(part, 0, 0)
        start = time.perf_counter()
        yield
        self.seconds[part] = round(time.perf_counter() - start, 3)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No search for cycles: proofs by the hundred thousand are made, all of them stay, and none is in a cycle."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def placed(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` that takes its place when all went well, and vanishes otherwise."""
    if out.exists() and any(out.iterdir()) and not (out / "summary.json").is_file():
        raise InputError(Place(str(out)), "the folder holds something else than a close", "name an empty or new folder")
    with made_aside(out) as folder:
        yield folder
        swapped(folder, out)


@contextmanager
def _connection(folder: Path, memory: str, threads: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory that spills into the folder; closed before the folder takes its place."""
    spill = folder / "spill"
    config: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(spill)}
    if threads is not None:
        config["threads"] = threads
    con = working_database(**config)
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(spill, ignore_errors=True)
