"""History beside the tables: what was told once, the services that stand as billed, and the money.

``other_claims.csv`` gets a row for each service that stands, so that decisions know what was billed before.
``history/lines.csv`` holds every service with its money, in columns that ``careledger audit --claims`` reads.
``history/collected.csv`` sums it by payer, month and code. ``.history.jsonl`` keeps what was told, so that nothing counts twice.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from careledger.claims.history.events import Event, Person, is_remittance, read_file
from careledger.claims.history.patients import Patients, read_rows
from careledger.claims.history.report import HistoryReport
from careledger.claims.history.standing import Line, lines
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable
from careledger.core.records import OtherClaim
from careledger.core.sheets import Sheet
from careledger.facts.table_text import table_text
from careledger.facts.whole import changing, replace_files
from careledger.policy import Policy

TOLD, FOLDER = ".history.jsonl", "history"
_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_TABLE = tuple(column.name for column in fields(OtherClaim))
_LINES = (
    "claim_id", "line_no", "patient_id", "rendering_npi", "billing_npi", "code", "modifiers", "on", "units", "charged",
    "allowed", "paid", "payer", "status",
)  # fmt: skip
_SUMS = ("payer", "month", "code", "services", "charged", "allowed", "paid", "denied")


def import_history(files: Sequence[Path], out: Path, policy: Policy, *, add_patients: bool = False) -> HistoryReport:
    """Take claims (837P) and remittances (835) of another system into the folder of tables as history.

    Args:
        files: in any order; a file, a claim or a payment that was told before changes nothing.
        out: the folder of tables; rows of other origin stay.
        add_patients: patients that are not in the folder are added from the file; otherwise their lines are left.

    Returns:
        Counts, and everything that was left or refused with its reason.
    """
    report = HistoryReport()
    with changing(out):
        before = _told(out)
        known = {event.key for event in before}
        patients = Patients(out, add=add_patients)
        for event in before:
            patients.remember(event.patient_id, [event])
        fresh: list[Event] = []
        for file in sorted(files, key=_answers_come_last):
            _take(file, policy, patients, known, fresh, report)
        report.added_patients = len(patients.added)
        _keep(out, before, [*before, *fresh], patients, report)
    return report


def _answers_come_last(file: Path) -> bool:
    with file.open("rb") as stream:
        return is_remittance(stream.read(4000))


def _take(
    file: Path, policy: Policy, patients: Patients, known: set[str], fresh: list[Event], report: HistoryReport
) -> None:
    try:
        for told in read_file(file, policy):
            if isinstance(told, Finding):
                report.findings += 1
            else:
                _take_claim(*told, patients, known, fresh, report)
        report.files += 1
    except NotReadable as refused:
        report.refused.append(f"{file.name}: {refused}")


def _take_claim(
    person: Person, events: list[Event], patients: Patients, known: set[str], fresh: list[Event], report: HistoryReport
) -> None:
    patient = patients.find(person, events)
    if not events:
        report.left["answered as a whole, without its services"] += 1
    for event in events:
        report.read[event.kind] += 1
        if why := _unusable(event, patient):
            report.left[why] += 1
        elif event.key in known:
            report.already_there += 1
        else:
            known.add(event.key)
            fresh.append(replace(event, patient_id=patient))
            report.new += 1


def _unusable(event: Event, patient: str) -> str:
    """Why a line cannot be history; empty when it can."""
    if not _CODE.fullmatch(event.code):
        return "no procedure code of five characters"
    if not event.on:
        return "no day of service"
    return "" if patient else "the patient is not in the folder (--add-patients adds them)"


def _told(out: Path) -> list[Event]:
    file = out / TOLD
    if not file.exists():
        return []
    return [Event(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def _keep(out: Path, before: list[Event], events: list[Event], patients: Patients, report: HistoryReport) -> None:
    """All files in one change."""
    history = lines(events)
    mine = {tuple(row.values()) for row in _rows(lines(before), patients)}
    others = [row for row in _existing(out) if tuple(row.values()) not in mine]
    (out / FOLDER).mkdir(exist_ok=True)
    texts = {
        "other_claims.csv": table_text("other_claims", [*others, *_rows(history, patients)]),
        f"{FOLDER}/lines.csv": _sheet(_LINES, [_shown(line) for line in history]),
        f"{FOLDER}/collected.csv": _sheet(_SUMS, _sums(history)),
        TOLD: "".join(json.dumps(asdict(event)) + "\n" for event in events),
        **patients.texts(),
    }
    replace_files(out, texts, without=("other_claims.parquet", *patients.gone))
    report.standing = sum(line.stands for line in history)
    report.not_standing = Counter(line.state for line in history if not line.stands)
    report.charged_cents = sum(line.event.charge_cents for line in history if line.stands)
    report.paid_cents = sum(line.paid_cents for line in history)


def _rows(history: Iterable[Line], patients: Patients) -> list[dict[str, str]]:
    """The services that stand, as rows of ``other_claims``."""
    found = []
    for line in history:
        event = line.event
        if line.stands:
            spans = event.since != event.until and bool(event.since and event.until)
            cells = {
                "patient_id": event.patient_id, "practitioner": patients.practitioner(event.biller), "code": event.code,
                "on": event.on, "practice_id": patients.practice(event.group), "units": str(event.units),
                "since": event.since if spans else "", "until": event.until if spans else "",
            }  # fmt: skip
            found.append({name: cells.get(name, "") for name in _TABLE})
    return found


def _existing(out: Path) -> list[dict[str, str]]:
    return [{name: row.get(name, "") for name in _TABLE} for row in read_rows(out, "other_claims")]


def _shown(line: Line) -> list[str]:
    event = line.event
    money = (_dollars(cents) if line.is_answered else "" for cents in (line.allowed_cents, line.paid_cents))
    return [
        event.claim, str(event.place), event.patient_id, event.biller, event.group, event.code, event.modifiers, event.on,
        str(event.units), _dollars(event.charge_cents), *money, event.payer, line.state,
    ]  # fmt: skip


def _sums(history: Iterable[Line]) -> list[list[str]]:
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in history:
        groups.setdefault((line.event.payer, line.event.on[:7], line.event.code), []).append(line)
    return [
        [
            *key, str(sum(line.stands for line in found)),
            _dollars(sum(line.event.charge_cents for line in found if line.stands)),
            _dollars(sum(line.allowed_cents for line in found)), _dollars(sum(line.paid_cents for line in found)),
            str(sum(line.state == "denied" for line in found)),
        ]
        for key, found in sorted(groups.items())
    ]  # fmt: skip


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _sheet(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    Sheet(text).rows([heading, *rows])
    return text.getvalue()
