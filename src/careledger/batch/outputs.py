"""What a close leaves behind: Parquet files joined from facts and verdicts, and a summary."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careledger.core.month import Month
from careledger.facts.rows import MONTH_COLUMNS, PROGRAM_COLUMNS
from careledger.facts.working import side_by_side
from careledger.rules.clock import CLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

FILES = (
    "decisions.parquet", "proofs.parquet", "findings.parquet", "worklist.parquet", "facts.parquet", "programs.parquet", "lost.parquet",
)  # fmt: skip
_COPY = "(FORMAT PARQUET, COMPRESSION ZSTD, COMPRESSION_LEVEL 1)"


def write_facts(con: DuckDBPyConnection, out: Path) -> None:
    """Write the facts into a folder; a second connection may do so while months are decided.

    facts.parquet, programs.parquet, lost.parquet: the facts, the facts by program, and seconds that do not count by reason.
    Leaves ``bill_clocks``, which ``write_decisions`` reads: every program's clocks in one row a bill.
    """
    listed = ", ".join(f"m.{name}" for name in MONTH_COLUMNS if name not in ("patient", "biller"))
    _copy(con, f"SELECT m.patient, m.biller AS practitioner, {listed} FROM months AS m", out / "facts.parquet")
    listed = ", ".join(f"p.{name}" for name in PROGRAM_COLUMNS)
    both = "b.patient_id AS patient, b.biller_id AS practitioner"
    _copy(
        con,
        f"SELECT {both}, {listed} FROM program_months AS p JOIN bills AS b ON b.bill = p.bill",
        out / "programs.parquet",
    )
    _copy(con, _LOST.format(both=both), out / "lost.parquet")
    logged = con.execute("SELECT DISTINCT program FROM program_months ORDER BY 1").fetchall()
    pivots = "".join(
        f", MAX(CASE WHEN program = '{p}' THEN {c} ELSE 0 END) AS {_clock(p, c)}" for (p,) in logged for c in CLOCKS
    )
    con.execute(f"CREATE TABLE bill_clocks AS SELECT bill{pivots} FROM program_months GROUP BY bill")


def write_decisions(con: DuckDBPyConnection, out: Path, month: Month) -> dict[str, Any]:
    """Write what was decided into a folder; counts and sums for the summary.

    decisions.parquet: a row a patient, practitioner and code: verdict, units, date of service, amounts, the number of the
        proof, the rules that stand against it, the clock to reach with its target and the exact seconds still missing.
    proofs.parquet: the numbers of the findings of each proof, in the order a reader meets them.
    findings.parquet: every finding once, with citations. Clocks are not in them; they are in the decision.
    worklist.parquet: what is missing, how many minutes, by when.
    """
    _prepare(con, month)
    files = {
        "decisions": _DECISIONS.format(last=month.last_on),
        "worklist": _WORKLIST.format(last=month.last_on),
        "proofs": "SELECT * FROM proof_rows ORDER BY proof",
        "findings": "SELECT * FROM finding_rows ORDER BY finding",
    }
    acts: list[Callable[[DuckDBPyConnection], dict[str, Any] | None]] = [
        partial(_copy, sql=sql, file=out / f"{name}.parquet") for name, sql in files.items()
    ]
    *_, counted = side_by_side(con, [*acts, _totals])
    assert counted is not None
    return counted


def _copy(con: DuckDBPyConnection, sql: str, file: Path) -> None:
    con.execute(f"COPY ({sql}) TO '{str(file).replace(chr(39), chr(39) * 2)}' {_COPY}")


def _prepare(con: DuckDBPyConnection, month: Month) -> None:
    """A row a bill with its set of verdicts, its clocks and its own dates of service."""
    found = con.execute("SELECT DISTINCT reach_clock FROM verdict_rows WHERE reach_clock IS NOT NULL ORDER BY 1")
    reached = {row[0]: _clock(*row[0].split(".")) for row in found.fetchall()}
    logged = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE bill_clocks)").fetchall()}
    listed = "".join(f", {f'COALESCE(k.{name}, 0)' if name in logged else 0} AS {name}" for name in reached.values())
    con.execute(f"""
        CREATE TABLE closed AS
        SELECT b.bill, b.patient_id AS patient, b.biller_id AS practitioner, s.set_no, LEAST(b.died_on, DATE '{month.last_on}') AS on_day
          {listed}
        FROM bills AS b
        JOIN bill_sets AS s ON s.bill = b.bill
        LEFT JOIN bill_clocks AS k ON k.bill = b.bill
    """)
    whens = " ".join(f"WHEN v.reach_clock = '{clock}' THEN c.{name}" for clock, name in reached.items())
    missing = f"v.reach_target_s - CASE {whens} END" if whens else "CAST(NULL AS INTEGER)"
    con.execute(f"""
        CREATE VIEW decided AS
        SELECT c.patient, c.practitioner, v.code, v.verdict, v.units,
          CASE WHEN v.verdict = 'bill' THEN COALESCE(d.on_day, c.on_day) END AS date_of_service,
          v.allowed_cents, v.patient_share_cents, v.proof, v.blocked_by, v.reach_clock, v.reach_target_s,
          {missing} AS missing_s, v.next_step
        FROM closed AS c
        JOIN verdict_rows AS v ON v.set_no = c.set_no
        LEFT JOIN own_dates AS d ON d.bill = c.bill AND d.code = v.code
    """)


def _clock(program: str, clock: str) -> str:
    return f"{program}_{clock}"


_DECISIONS = """
SELECT patient, practitioner, code, verdict, units, date_of_service, allowed_cents, patient_share_cents, proof, blocked_by,
  reach_clock, reach_target_s, missing_s
FROM decided
"""

_WORKLIST = """
SELECT patient, practitioner, code, verdict, blocked_by, next_step AS missing, reach_clock,
  CAST(reach_target_s / 60 AS INTEGER) AS reach_target_minutes, missing_s,
  CAST(CEIL(missing_s / 60.0) AS INTEGER) AS missing_minutes, DATE '{last}' AS due_on
FROM decided WHERE verdict IN ('not_yet', 'human_decides')
"""

_LOST = """
SELECT {both}, r.program, n.reason, CAST(l.seconds AS INTEGER) AS seconds
FROM losses AS l
JOIN rule_reasons AS n ON n.reason_no = l.reason_no
JOIN bills AS b ON b.bill = l.bill
JOIN rule_programs AS r ON r.program_no = l.program_no
"""


def _totals(con: DuckDBPyConnection) -> dict[str, Any]:
    """Counts and sums for the summary."""
    by_code: dict[str, dict[str, int]] = {}
    sets = "SELECT set_no, COUNT(*) AS bills FROM closed GROUP BY set_no"
    counted = con.execute(f"""
        SELECT v.code, v.verdict, SUM(s.bills), SUM(v.units * s.bills), SUM(v.allowed_cents * s.bills)
        FROM verdict_rows AS v JOIN ({sets}) AS s ON s.set_no = v.set_no GROUP BY ALL ORDER BY ALL
    """).fetchall()
    for code, verdict, bills, units, cents in counted:
        row = by_code.setdefault(code, {})
        row[verdict] = int(bills)
        if verdict == "bill":
            row.update(units=int(units), allowed_cents=int(cents or 0))
    blocked = con.execute(f"""
        SELECT rule, COUNT_IF(alone), SUM(bills) FROM (
          SELECT UNNEST(STRING_SPLIT(v.blocked_by, ' ')) AS rule, v.blocked_by NOT LIKE '% %' AS alone, s.bills
          FROM verdict_rows AS v JOIN ({sets}) AS s ON s.set_no = v.set_no WHERE v.blocked_by <> ''
        ) GROUP BY rule ORDER BY 3 DESC, 1
    """).fetchall()
    lost = con.execute("""
        SELECT n.reason, SUM(l.seconds) FROM losses AS l JOIN rule_reasons AS n ON n.reason_no = l.reason_no GROUP BY 1 ORDER BY 1
    """).fetchall()
    patients, bills = con.execute("SELECT COUNT(DISTINCT patient), COUNT(*) FROM closed").fetchall()[0]
    return {
        "patients": patients,
        "patient_months": bills,
        "codes": by_code,
        "blocked_by": {rule: int(count) for rule, _, count in blocked},
        "lost_seconds": {reason: int(seconds) for reason, seconds in lost},
    }
