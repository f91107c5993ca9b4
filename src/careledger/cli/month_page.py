"""A closed month on one page, for someone who runs a clinic: what is billed, what is not and why, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from careledger.core.money import dollars
from careledger.core.month import Month
from careledger.policy import PolicyView

MAIN_CODES = ("99490", "G0181", "G0182")
"""Of the refused codes of a patient, the one whose reason the page shows; else the first."""
MINUTES_RULES = ("ccm.staff_time.first_unit", "cpo.time.first_unit")
NEARLY_MINUTES = 5
NOTHING_TO_DO = "nothing for this month"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """What a code brought; no amount when contracts set it for every patient."""

    code: str
    says: str
    patients: int
    units: int
    allowed_cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why patients are not billed, and what would mend it.

    Attributes:
        is_open: the month can still be billed once it is mended.
    """

    says: str
    patients: tuple[str, ...]
    next_step: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """What the page shows.

    Attributes:
        without_amount: billed patients whose payer's contract sets the amount.
        nothing_recorded: patients without anything that touches a code: not enrolled.
    """

    month: Month
    patients: int
    billed: int
    allowed_cents: int
    patient_share_cents: int
    without_amount: int
    codes: tuple[CodeLine, ...]
    reasons: tuple[Reason, ...]
    nothing_recorded: int
    claims: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = field(default=())


def month_page(closed: Path, month: Month, view: PolicyView) -> MonthPage:
    """Read the files of a close.

    Args:
        closed: the folder that ``close`` wrote.
        month: the month that was closed.
        view: policy on its last day, for the words of codes and the minutes of thresholds.
    """
    rows = _read(closed / "decisions.parquet")
    patients = {row["patient"] for row in _read(closed / "facts.parquet", "patient")}
    billed = [row for row in rows if row["verdict"] == "bill"]
    billed_patients = {row["patient"] for row in billed}
    return MonthPage(
        month=month,
        patients=len(patients),
        billed=len(billed_patients),
        allowed_cents=sum(row["allowed_cents"] or 0 for row in billed),
        patient_share_cents=sum(row["patient_share_cents"] or 0 for row in billed),
        without_amount=len({row["patient"] for row in billed if row["allowed_cents"] is None}),
        codes=tuple(_codes(billed, view)),
        reasons=tuple(_reasons(closed, rows, billed_patients, view)),
        nothing_recorded=len(patients - {row["patient"] for row in rows}),
    )


def show(page: MonthPage, console: Console) -> None:
    """Print the page."""
    console.print(f"[bold]{page.month}: {page.patients} patients, closed[/bold]\n")
    share = f"patients owe {dollars(page.patient_share_cents)} of it"
    console.print(f"[bold]Billed:[/bold] {page.billed} patients, {dollars(page.allowed_cents)} allowed, {share}")
    if page.without_amount:
        console.print(f"  {page.without_amount} of them at amounts that their payers' contracts set, not counted here")
    console.print(_code_table(page))
    for heading, is_open in (("Not billed yet, can still be billed", True), ("Not billable this month", False)):
        reasons = [reason for reason in page.reasons if reason.is_open == is_open]
        if reasons:
            console.print(f"\n[bold]{heading}:[/bold] {sum(len(reason.patients) for reason in reasons)} patients")
            console.print(_reason_table(reasons))
    if page.nothing_recorded:
        console.print(f"\n[bold]Not enrolled:[/bold] {page.nothing_recorded} patients without any care recorded")
    for heading, lines in (("Claims", page.claims), ("What to do next", page.next_steps)):
        if lines:
            console.print(f"\n[bold]{heading}[/bold]")
        for line in lines:
            console.print(f"  {line}", soft_wrap=True)
    if page.files:
        console.print("\n[bold]Files[/bold]")
        for name, says in page.files:
            console.print(f"  {name}  {says}", soft_wrap=True)


def _code_table(page: MonthPage) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 2))
    for heading in ("code", "what it is", "patients", "units", "allowed"):
        table.add_column(heading, justify="left" if heading in ("code", "what it is") else "right")
    for line in page.codes:
        allowed = "by contract" if line.allowed_cents is None else dollars(line.allowed_cents)
        table.add_row(line.code, line.says, str(line.patients), str(line.units), allowed)
    return table


def _reason_table(reasons: Iterable[Reason]) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 2))
    table.add_column("patients", justify="right")
    table.add_column("why", ratio=3)
    table.add_column("what to do", ratio=2)
    for reason in reasons:
        table.add_row(str(len(reason.patients)), reason.says, reason.next_step)
    return table


def _read(file: Path, *columns: str) -> list[Row]:
    import pyarrow.parquet as pq

    rows: list[Row] = pq.read_table(file, columns=list(columns) or None).to_pylist()
    return rows


def _codes(billed: Iterable[Row], view: PolicyView) -> Iterable[CodeLine]:
    by_code: dict[str, list[Row]] = {}
    for row in billed:
        by_code.setdefault(row["code"], []).append(row)
    for code, rows in sorted(by_code.items(), key=lambda item: (-len(item[1]), item[0])):
        known = [row["allowed_cents"] for row in rows if row["allowed_cents"] is not None]
        yield CodeLine(
            code=code,
            says=view.code(code).says,
            patients=len({row["patient"] for row in rows}),
            units=sum(row["units"] for row in rows),
            allowed_cents=sum(known) if known else None,
        )


def _reasons(closed: Path, rows: Iterable[Row], billed: set[str], view: PolicyView) -> Iterable[Reason]:
    """Patients by what stands against their main code, the commonest first."""
    said = {row["finding"]: row for row in _read(closed / "findings.parquet")}
    proofs = {row["proof"]: [said[number] for number in row["findings"]] for row in _read(closed / "proofs.parquet")}
    counted = _counted_s(closed)
    groups: dict[tuple[str, str, bool], list[tuple[str, int]]] = {}
    for row in _main_rows(rows, billed):
        rule = row["blocked_by"].split(" ")[0]
        finding = next(found for found in proofs[row["proof"]] if found["rule"] == rule)
        says, step, missing_s = finding["says"], finding["next_step"] or NOTHING_TO_DO, 0
        if rule in MINUTES_RULES and row["verdict"] == "no":
            have_s = counted.get((row["patient"], rule.split(".")[0]), 0)
            says, step, missing_s = _minutes_words(have_s, rule, view)
        groups.setdefault((says, step, row["verdict"] != "no"), []).append((row["patient"], missing_s))
    for (says, step, is_open), found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        told = says[:1].upper() + says[1:] + _range([missing_s for _, missing_s in found])
        patients = tuple(sorted(patient for patient, _ in found))
        yield Reason(says=told, patients=patients, next_step=step, is_open=is_open)


def _range(missing: list[int]) -> str:
    """The least and the most that is missing, when something is."""
    least, most = min(missing), max(missing)
    if not most:
        return ""
    return f" ({_clock(least)} each)" if least == most else f" ({_clock(least)} to {_clock(most)})"


def _clock(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60:02d} s"


def _main_rows(rows: Iterable[Row], billed: set[str]) -> Iterable[Row]:
    by_patient: dict[str, list[Row]] = {}
    for row in rows:
        if row["patient"] not in billed and row["blocked_by"]:
            by_patient.setdefault(row["patient"], []).append(row)
    for found in by_patient.values():
        yield min(
            found, key=lambda row: MAIN_CODES.index(row["code"]) if row["code"] in MAIN_CODES else len(MAIN_CODES)
        )


def _counted_s(closed: Path) -> dict[tuple[str, str], int]:
    """Seconds that count, by patient and program: the team's for chronic care, the practitioner's own for oversight."""
    rows = _read(closed / "programs.parquet", "patient", "program", "team_s", "own_s")
    return {(row["patient"], row["program"]): row["own_s" if row["program"] == "cpo" else "team_s"] for row in rows}


def _minutes_words(seconds: int, rule: str, view: PolicyView) -> tuple[str, str, int]:
    """How far the minutes are from the threshold, in words that group patients, and the seconds missing."""
    topic = "cpo.time" if rule.startswith("cpo.") else "ccm.clinical_staff_time"
    needed = view.number(f"{topic}.first_unit_minutes")
    missing = needed * 60 - seconds
    if seconds == 0:
        return f"no minutes that count; {needed} are needed", "plan the first call early in the month", 0
    if missing <= NEARLY_MINUTES * 60:
        return f"at most {NEARLY_MINUTES} minutes missing of {needed}", "watch these first next month", missing
    return f"more than {NEARLY_MINUTES} minutes missing of {needed}", "plan a second call for each", missing
