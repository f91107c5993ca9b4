"""A past month closed again under a hypothesis, beside the close as it is: the difference by code, patient and dollar."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from careledger.batch.close import Progress, close_month, placed
from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.core.sheets import Sheet
from careledger.facts.working import working_database
from careledger.policy.hypothesis import Hypothesis, HypotheticalPolicy
from careledger.policy.store import Policy

EVERYBODY = "*"
"""In a payer mix: every payer that is not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """What becomes of one code.

    Attributes:
        lines: lines to bill, as it is and as supposed.
        units: their units, likewise.
        cents: what is allowed for them, likewise; lines of unknown worth count nothing.
    """

    code: str
    lines: tuple[int, int]
    units: tuple[int, int]
    cents: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The difference a hypothesis makes to a month.

    Attributes:
        says: the hypothesis in words.
        patients: patients whose decisions change.
        unpriced: lines to bill whose worth is not known, as it is and as supposed.
        by_code: codes billed in either close.
    """

    month: str
    says: str
    patients: int
    unpriced: tuple[int, int]
    by_code: tuple[CodeChange, ...]

    def cents(self) -> tuple[int, int]:
        """What is allowed in all, as it is and as supposed."""
        return sum(change.cents[0] for change in self.by_code), sum(change.cents[1] for change in self.by_code)


def what_if(
    data: Path,
    out: Path,
    month: Month,
    policy: Policy,
    hypothesis: Hypothesis,
    payers: Mapping[str, str],
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Close a month twice and compare. Nothing of the practice's is changed.

    Args:
        data: folder of tables.
        out: folder for both closes (``actual``, ``supposed``), ``changes.csv`` and ``summary.json``.
        payers: payer that pays in place of another; ``*`` stands for all that are not named.

    Raises:
        InputError: the folder cannot be used.
        PolicyError: the hypothesis names an overlay or a payer that policy does not hold.
    """
    for name in payers.values():
        policy.payer(name)
    supposed = HypotheticalPolicy(policy, hypothesis)
    with placed(out) as folder, tempfile.TemporaryDirectory() as scratch:
        close_month(data, folder / "actual", month, policy, progress, as_of=as_of)
        other = _with_payers(data, Path(scratch), payers) if payers else data
        close_month(other, folder / "supposed", month, supposed, progress, as_of=as_of)
        says = ", ".join([*_mix(payers), *([] if payers and hypothesis == Hypothesis() else [hypothesis.says()])])
        found = _compared(folder, month, says)
        (folder / "summary.json").write_text(json.dumps(asdict(found), indent=2) + "\n")
    return found


def _mix(payers: Mapping[str, str]) -> Iterable[str]:
    for one, other in payers.items():
        yield f"with {other} paying for {'everybody' if one == EVERYBODY else one}"


def _with_payers(data: Path, scratch: Path, payers: Mapping[str, str]) -> Path:
    """A folder that shows the same tables but for the payers of ``coverage``."""
    tables = list(data.iterdir())
    coverage = next((file for file in tables if file.stem == "coverage"), None)
    if coverage is None:
        raise InputError(
            Place(str(data)), "there is no table coverage", "name a folder whose coverage another payer can take"
        )
    for file in tables:
        if file != coverage:
            (scratch / file.name).symlink_to(file.resolve())
    target = scratch / "coverage.csv"
    if coverage.suffix == ".csv":
        _rewritten(coverage, target, payers)
    else:
        with working_database() as con:
            con.execute("CREATE TABLE c AS SELECT * FROM read_parquet(?)", [str(coverage)])
            for one, other in sorted(payers.items(), key=lambda pair: pair[0] == EVERYBODY):
                con.execute("ALTER TABLE c ADD COLUMN IF NOT EXISTS is_done BOOLEAN DEFAULT FALSE")
                con.execute(
                    "UPDATE c SET payer = ?, is_done = TRUE WHERE NOT is_done AND (payer = ? OR ? = '*')",
                    [other, one, one],
                )
            con.execute(
                f"COPY (SELECT * EXCLUDE (is_done) FROM c) TO '{scratch / 'coverage.parquet'}' (FORMAT parquet)"
            )
    return scratch


def _rewritten(source: Path, target: Path, payers: Mapping[str, str]) -> None:
    with (
        source.open(newline="", encoding="utf-8-sig") as stream,
        target.open("w", newline="", encoding="utf-8") as copy,
    ):
        rows = csv.reader(stream)
        writer = csv.writer(copy)
        head = next(rows, [])
        writer.writerow(head)
        place = head.index("payer") if "payer" in head else None
        for row in rows:
            if place is not None and place < len(row):
                row[place] = payers.get(row[place], payers.get(EVERYBODY, row[place]))
            writer.writerow(row)


_BOTH = """
SELECT COALESCE(a.patient, b.patient) AS patient, COALESCE(a.practitioner, b.practitioner) AS practitioner,
  COALESCE(a.code, b.code) AS code, a.verdict AS verdict, b.verdict AS verdict_supposed,
  COALESCE(a.units, 0) AS units, COALESCE(b.units, 0) AS units_supposed,
  a.allowed_cents, b.allowed_cents AS allowed_cents_supposed, a.blocked_by, b.blocked_by AS blocked_by_supposed
FROM read_parquet('{0}/actual/decisions.parquet') AS a
FULL OUTER JOIN read_parquet('{0}/supposed/decisions.parquet') AS b
  ON a.patient = b.patient AND a.practitioner = b.practitioner AND a.code = b.code
"""
_CHANGED = "verdict IS DISTINCT FROM verdict_supposed OR units <> units_supposed OR allowed_cents IS DISTINCT FROM allowed_cents_supposed"


def _compared(folder: Path, month: Month, says: str) -> WhatIf:
    with working_database() as con:
        con.execute(f"CREATE TABLE both_ AS {_BOTH.format(str(folder).replace(chr(39), chr(39) * 2))}")
        _write_changes(con, folder / "changes.csv")
        patients = _one(con, f"SELECT COUNT(DISTINCT patient) FROM both_ WHERE {_CHANGED}")
        unpriced = (
            _one(con, "SELECT COUNT(*) FROM both_ WHERE verdict = 'bill' AND allowed_cents IS NULL"),
            _one(con, "SELECT COUNT(*) FROM both_ WHERE verdict_supposed = 'bill' AND allowed_cents_supposed IS NULL"),
        )
        rows = con.execute("""
            SELECT code,
              COUNT(*) FILTER (verdict = 'bill'), COUNT(*) FILTER (verdict_supposed = 'bill'),
              SUM(units) FILTER (verdict = 'bill'), SUM(units_supposed) FILTER (verdict_supposed = 'bill'),
              SUM(allowed_cents) FILTER (verdict = 'bill'), SUM(allowed_cents_supposed) FILTER (verdict_supposed = 'bill')
            FROM both_ GROUP BY code HAVING COUNT(*) FILTER (verdict = 'bill' OR verdict_supposed = 'bill') > 0 ORDER BY code
        """).fetchall()
    changes = tuple(
        CodeChange(code=code, lines=(one, two), units=(int(u1 or 0), int(u2 or 0)), cents=(int(c1 or 0), int(c2 or 0)))
        for code, one, two, u1, u2, c1, c2 in rows
    )
    return WhatIf(month=str(month), says=says, patients=patients, unpriced=unpriced, by_code=changes)


def _write_changes(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """A row for each line that changes, as a sheet for people: ids come from outside."""
    rows = con.execute(f"SELECT * FROM both_ WHERE {_CHANGED} ORDER BY patient, practitioner, code")
    with file.open("w", newline="", encoding="utf-8") as stream:
        sheet = Sheet(stream)
        sheet.row(column[0] for column in rows.description or ())
        while part := rows.fetchmany(10_000):
            sheet.rows(part)


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row: Any = con.execute(sql).fetchone()
    return int(row[0])
