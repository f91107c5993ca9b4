"""What the radar hands over: findings, the worksheet for corrections and refunds with its clock, and the file's faults."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careledger.core.sheets import Sheet
from careledger.oversight.radar.law import cited

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.oversight.radar.run import Radar
    from careledger.policy import Policy

_FINDINGS = ("finding", "severity", "check", "patient", "who", "period", "evidence", "detail", "rule", "cite", "mend")
_SHEET = (
    "finding", "check", "line", "claim_id", "patient", "code", "on", "units", "charged", "paid", "proposed", "identified_on",
    "return_by", "clock_rests_on", "decided", "decided_by", "decided_on", "returned_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """How long an overpayment may be kept once it is identified."""

    days: int
    inquiry_days: int | None
    cite: str

    @classmethod
    def on(cls, policy: Policy, day: date) -> Clock:
        """The clock in force on a day."""
        view = policy.on(day)
        inquiry = view.find("claims.appeal.overpayment_inquiry_days")
        days = view.value("claims.appeal.overpayment_days")
        return cls(
            view.number("claims.appeal.overpayment_days"), int(str(inquiry.value)) if inquiry else None, cited(days)
        )

    def words(self, day: date) -> str:
        """The clock in a sentence."""
        stop = (
            f"; an inquiry in good faith may stop the clock for at most {self.inquiry_days} days"
            if self.inquiry_days
            else ""
        )
        return (
            f"an overpayment identified on {day} is reported and returned by {day + timedelta(days=self.days)} "
            f"({self.days} days, {self.cite}){stop}"
        )


def write_sheets(con: DuckDBPyConnection, radar: Radar, out: Path, clock: Clock, today: date) -> dict[str, int]:
    """Write findings.csv, worksheet.csv, faults.csv and summary.json into a folder; gives the rows of each."""
    out.mkdir(parents=True, exist_ok=True)
    findings = (
        (number, f.severity, f.check, f.patient, f.who, f.period, f.evidence, f.detail, f.rule, f.cite, f.mend)
        for number, f in enumerate(radar.findings, 1)
    )
    faults = ((f.field, f.count, f.problem, f.treated, " ".join(map(str, f.first_rows))) for f in radar.read.faults)
    counts = {
        "findings.csv": _write(out / "findings.csv", _FINDINGS, findings),
        "worksheet.csv": _write(out / "worksheet.csv", _SHEET, _worksheet(con, radar, clock, today)),
        "faults.csv": _write(out / "faults.csv", ("field", "count", "problem", "treated", "first_lines"), faults),
    }
    summary = {
        "source": radar.read.source,
        "asked_on": str(today),
        "lines": radar.read.lines,
        "columns": radar.read.columns,
        "asked": {check.id: radar.count(check.id) for check in radar.asked},
        "not_asked": {check.id: why for check, why in radar.not_asked},
        "clock": clock.words(today),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return counts


def _worksheet(con: DuckDBPyConnection, radar: Radar, clock: Clock, today: date) -> Iterable[tuple[Any, ...]]:
    """One row a line to correct or refund; the last four columns are for people to fill."""
    wanted = sorted({row for finding in radar.findings for row in finding.refund_rows})
    found = con.execute(
        "SELECT row_no, claim_id, patient_id, code, on_day, units, charged_cents, paid_cents FROM lines "
        "WHERE row_no IN (SELECT UNNEST(?::BIGINT[]))",
        [wanted],
    ).fetchall()
    lines = {row[0]: row for row in found}
    due = today + timedelta(days=clock.days)
    for number, finding in enumerate(radar.findings, 1):
        for row in finding.refund_rows:
            line, claim_id, patient, code, on_day, units, charged, paid = lines[row]
            money = (_dollars(charged), _dollars(paid))
            proposed = "void before it is paid" if paid == 0 else "refund, or correct and replace"
            yield (
                number, finding.check, line, claim_id, patient, code, on_day, units, *money, proposed, today, due, clock.cite,
                "", "", "", "",
            )  # fmt: skip


def _dollars(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}"


def _write(file: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a CSV whole or not at all; gives its rows without the head."""
    aside = file.with_name(f".{file.name}.part")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        sheet = Sheet(stream)
        sheet.row(head)
        count = sheet.rows(rows)
    aside.replace(file)
    return count
