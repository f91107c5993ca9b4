"""From a folder of tables into the clinic's database; looking ahead is the same, taken back at the end."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from careledger.core.records import TABLES
from careledger.facts.schema import column_of
from careledger.facts.table_text import append_rows, cell, write_rows
from careledger.facts.tables import FolderReport, Reject
from careledger.web.accounts.models import Membership
from careledger.web.intake.matching import matched
from careledger.web.intake.reading import Brought, Fault
from careledger.web.intake.renewing import Renewal
from careledger.web.patients.loading import load_records, read_folder
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.records import to_records
from careledger.web.timers.models import TimeEntry

SHOWN = 500
"""Faults kept for the page; more are only counted."""
_DIRECTORY: dict[str, tuple[Any, str]] = {
    "practices": (Practice, "practice_id"),
    "people": (Person, "person_id"),
    "patients": (Patient, "patient_id"),
}


@dataclass(slots=True)
class Poured:
    """What was, or would be, written: rows by table, patients, entries; and every fault."""

    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    new_patients: int = 0
    changed_patients: int = 0
    entries_there: int = 0
    lines: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For keeping; ids and counts only."""
        kept = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "faults"}
        return {**kept, "faults": self.faults[:SHOWN], "fault_count": len(self.faults)}

    @property
    def is_nothing(self) -> bool:
        return not any(self.added.values()) and not self.changed_patients


class _TakenBack(Exception):
    """Ends a look ahead."""


def look_ahead(folder: Path, brought: Brought, acting_user: Membership, source: str) -> Poured:
    """What pouring would do. Nothing is kept."""
    poured = Poured()
    try:
        with transaction.atomic():
            poured = pour(folder, brought, acting_user, source)
            raise _TakenBack
    except _TakenBack:
        return poured


def pour(folder: Path, brought: Brought, acting_user: Membership, source: str) -> Poured:
    """Write the tables of a folder into the organisation in scope, within the caller's transaction.

    Raises:
        InputError: a table as a whole cannot be used.
    """
    first = {table: lay(folder, table) for table in _DIRECTORY}
    report, found = read_folder(folder, as_of=timezone.localdate())
    poured = Poured(lines=[*brought.lines, *report.warnings])
    poured.faults = [*brought.faults, *_faults(report, folder, brought, first)]
    found = matched(found)
    _leave_entries_there(found, poured, brought)
    known = {row.code: row for row in Patient.objects.filter(code__in={one.patient_id for one in found["patients"]})}
    written = load_records(found, source)
    poured.new_patients = written.get("patients", 0)
    poured.added = {table: count for table, count in written.items() if count and table != "statuses"}
    renewal = Renewal(known, acting_user)
    poured.changed = renewal.run(found)
    worked = {one.patient_id for one in found["time_entries"]} & known.keys()
    Patient.objects.filter(code__in=worked).update(revision=F("revision") + 1)
    poured.changed_patients = len(worked | renewal.changes.keys())
    return poured


def lay(folder: Path, table: str) -> int:
    """Lay what the clinic knows beside an import's own rows, so that references resolve; returns the first row laid."""
    model, key = _DIRECTORY[table]
    file = folder / f"{table}.csv"
    names = [column_of(column) for column in fields(TABLES[table])]
    there: list[dict[str, str]] = []
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="", errors="replace") as text:
            reader = csv.DictReader(text)
            names = list(reader.fieldnames or names)
            there = list(reader)
    ids = {row.get(key) for row in there}
    related = ("practice",) if model is Person else ()
    ours = [
        one
        for one in to_records(model.objects.select_related(*related).order_by("pk"), TABLES[table])
        if getattr(one, key) not in ids
    ]
    cells = [[cell(getattr(one, _attribute(name), None)) for name in names] for one in ours]
    if not file.exists():
        write_rows(file, names, cells)
    elif cells:
        append_rows(file, cells)
    return len(there) + 2


def _attribute(column: str) -> str:
    return "from_" if column == "from" else column.strip()


def _faults(report: FolderReport, folder: Path, brought: Brought, first: dict[str, int]) -> list[Fault]:
    """The reader's faults where they stand in what was handed over, each once.

    Rows that were laid beside it have none to tell; nor has a line whose patient is refused already the fault that what
    hangs on it finds no patient.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    own = [one for one in report.rejects if one.row is None or one.row < first.get(_table(one), one.row + 1)]
    refused = {_where(one, folder, brought, rows) for one in own if _table(one) == "patients" and not one.keeps}
    found: dict[tuple[str, ...], Fault] = {}
    for one in own:
        where = _where(one, folder, brought, rows)
        follows = brought.mapped is not None and one.field == "patient_id" and _table(one) != "patients"
        if not (follows and where in refused):
            called = brought.called.get((_table(one), one.field), one.field)
            fault = {"where": where, "field": called, "problem": one.problem, "mend": one.mend}
            found.setdefault(tuple(fault.values()), fault)
    return list(found.values())


def _table(one: Reject) -> str:
    return one.file.rpartition(".")[0]


def _where(one: Reject, folder: Path, brought: Brought, rows: dict[str, list[dict[str, str]]]) -> str:
    """The line of the file people know, else the row of the table an importer made of it, with its patient."""
    if brought.mapped is not None:
        line = brought.mapped.line_of(_table(one), one.row)
        return str(line) if line is not None else one.file
    return one.file if one.row is None else f"{one.file}:{one.row}" + _whose(folder, _table(one), one.row, rows)


def _whose(folder: Path, table: str, row: int, rows: dict[str, list[dict[str, str]]]) -> str:
    """The patient a row is about, by id: a row that an importer made stands in no file of the person who looks."""
    if table not in rows:
        with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="", errors="replace") as text:
            rows[table] = list(csv.DictReader(text))
    if not 0 <= row - 2 < len(rows[table]):
        return ""
    patient = rows[table][row - 2].get("patient_id")
    return f" (patient {patient})" if patient else ""


def _leave_entries_there(found: dict[str, list[Any]], poured: Poured, brought: Brought) -> None:
    """Entries that the ledger holds are not written again; one that says something else now is told as a fault."""
    works = found["time_entries"]
    ids = [one.entry_id for one in works]
    there = {row.entry_id: row for row in TimeEntry.objects.filter(entry_id__in=ids).select_related("patient", "by")}
    lines = dict(zip(ids, brought.mapped.lines.get("time_entries", []), strict=False)) if brought.mapped else {}
    for one in works:
        row = there.get(one.entry_id)
        if row is not None and _says(row) != (one.patient_id, one.by, one.start_s, one.end_s, one.on, one.seconds):
            where = str(lines.get(one.entry_id, f"entry {one.entry_id}"))
            problem, mend = "an entry of this id is there with other content", "correct it by a new entry"
            poured.faults.append({"where": where, "field": "entry_id", "problem": problem, "mend": mend})
    poured.entries_there = len(there)
    found["time_entries"] = [one for one in works if one.entry_id not in there]


def _says(row: TimeEntry) -> tuple[Any, ...]:
    return (row.patient.code, row.by.code, row.start_s, row.end_s, row.on, row.seconds)
