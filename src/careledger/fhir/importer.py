"""FHIR R4 in: resources to the folder of tables, once each however often they are imported."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from careledger.core.records import PRACTITIONER_KINDS, TABLES, Panel
from careledger.core.sheets import Sheet
from careledger.facts.schema import column_of
from careledger.facts.table_text import cell, table_text
from careledger.facts.whole import changing, replace_files
from careledger.fhir import map_care, map_patient, map_people
from careledger.fhir.context import Context
from careledger.fhir.reading import resources
from careledger.fhir.shapes import misshapen

READ = (
    "Patient", "Practitioner", "PractitionerRole", "Organization", "Coverage", "Condition", "Encounter", "CarePlan", "Goal",
    "Consent",
)  # fmt: skip
STATE = ".fhir_rows.jsonl"
"""Which rows of the folder came from which resource, so that a later version replaces its row."""

Rows = dict[str, dict[str, str]]


@dataclass(slots=True)
class ImportReport:
    """What an import read, kept and left, and why."""

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 when everything was readable, 1 when something was not, 2 when nothing was."""
        if not sum(self.read.values()):
            return 2
        return 1 if self.faults else 0

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "read": dict(self.read),
            "kept": dict(self.kept),
            "skipped": [{"type": kind, "why": why, "count": n} for (kind, why), n in self.skipped.items()],
            "unmapped": [{"code": code, "says": says, "count": n} for (code, says), n in self.unmapped.items()],
            "faults": self.faults,
        }

    def lines(self) -> list[str]:
        """The report in lines for people; ids and codes only."""
        total = sum(self.read.values())
        lines = [f"{total:,} resources read: " + ", ".join(f"{n:,} {kind}" for kind, n in sorted(self.read.items()))]
        lines += [f"{table}: {n:,} rows" for table, n in self.kept.items()]
        lines += [f"left {kind}: {n:,}, {why}" for (kind, why), n in sorted(self.skipped.items())]
        if self.unmapped:
            lines.append(f"{len(self.unmapped):,} diagnosis codes without an ICD-10-CM code, the commonest:")
            lines += [f"  {code} {says}: {n:,}" for (code, says), n in self.unmapped.most_common(10)]
        return lines + self.faults


def import_fhir(path: Path, out_dir: Path, *, practice_id: str | None = None, whole: bool = False) -> ImportReport:
    """Import a file or folder of FHIR R4 resources into ``out_dir``.

    Args:
        path: NDJSON or bundles, gzipped or zipped or not, one file or a folder.
        out_dir: the folder of tables; made when it does not exist. Rows of other origin stay.
        practice_id: the practice of people whose resources name none.
        whole: the path holds everything the source has, so that rows of resources which are no longer there go.

    Returns:
        Counts of what was read, kept and left, and every fault with its place.
    """
    report = ImportReport()
    context = _collected(path, report)
    rows = _rows(context, practice_id)
    report.skipped, report.unmapped = context.skipped, context.unmapped
    if sum(report.read.values()):
        with changing(out_dir):
            _merge(out_dir, rows, report, whole, _unmapped(context))
    return report


def _collected(path: Path, report: ImportReport) -> Context:
    context = Context()

    def fault(file: str, line: int | None, problem: str, mend: str) -> None:
        report.faults.append(f"{file}{'' if line is None else f':{line}'}: {problem}; {mend}")

    for found in resources(path, fault):
        kind = found.resource["resourceType"]
        report.read[kind] += 1
        if kind not in READ:
            context.skip(kind, "not needed for care-management decisions")
        elif (wrong := next(misshapen(found.resource), None)) is not None:
            mend = f"FHIR R4 has {wrong[1]} here; have the export mended"
            fault(found.file, found.line, f"{wrong[0]} has another shape: the {kind} is left out", mend)
        elif not context.add(found):
            fault(found.file, found.line, f"a {kind} without an id", "export resources with their ids")
    return context


def _rows(context: Context, practice_id: str | None) -> dict[str, Rows]:
    """Table to (resource key to row)."""
    people = dict(map_people.people(context))
    used = {person.practice_id for person in people.values() if person.practice_id}
    found: dict[str, Iterator[tuple[str, Any]]] = {
        "practices": map_people.practices(context, used),
        "people": iter(people.items()),
        "patients": map_patient.patients(context),
        "coverage": map_patient.coverages(context),
        "conditions": map_care.conditions(context),
        "visits": map_care.visits(context),
        "stays": map_care.stays(context),
        "care_plans": map_care.care_plans(context),
        "goals": map_care.goals(context),
        "consents": map_care.consents(context),
    }
    rows = {table: {key: _row(record) for key, record in records} for table, records in found.items()}
    if practice_id:
        for row in rows["people"].values():
            row["practice_id"] = row["practice_id"] or practice_id
    rows["panel"] = {f"{row['patient_id']} {row['biller_id']}": row for row in map(_row, _panel(context, rows))}
    return rows


def _panel(context: Context, rows: dict[str, Rows]) -> Iterator[Panel]:
    """The practitioner of record: the patient's general practitioner, else who saw the patient last."""
    kinds = {row["person_id"]: row["kind"] for row in rows["people"].values()}
    last: dict[str, tuple[str, str]] = {}
    for row in rows["visits"].values():
        if kinds.get(row["practitioner"]) in PRACTITIONER_KINDS:
            last[row["patient_id"]] = max(last.get(row["patient_id"], ("", "")), (row["on"], row["practitioner"]))
    for patient in context.all("Patient"):
        named = (context.id_of(ref, "Practitioner") for ref in patient.get("generalPractitioner") or [])
        biller = next((person for person in named if person), None) or last.get(patient["id"], ("", ""))[1]
        if biller:
            seen = True if patient["id"] in last else None
            yield Panel(patient_id=patient["id"], biller_id=biller, established=seen)
        else:
            context.skip("Patient", "no practitioner of record: add one to the panel table")


def _row(record: Any) -> dict[str, str]:
    return {column_of(column): cell(getattr(record, column.name)) for column in fields(record)}


def _merge(folder: Path, new: dict[str, Rows], report: ImportReport, whole: bool, reports: Mapping[str, str]) -> None:
    """Put the new rows beside rows of other origin, in place of earlier versions of themselves; all tables in one change."""
    state = _state(folder)
    texts: dict[str, str] = {}
    for table, rows in new.items():
        before = state.get(table, {})
        ours = {tuple(row.items()) for row in before.values()}
        others = [row for row in _existing(folder, table) if tuple(row.items()) not in ours]
        state[table] = dict(rows) if whole else {**before, **rows}
        everything = [*others, *state[table].values()]
        if everything or before:
            texts[f"{table}.csv"] = table_text(table, everything)
        report.kept[table] = len(everything)
    text = "".join(
        json.dumps([table, key, row]) + "\n" for table, rows in sorted(state.items()) for key, row in rows.items()
    )
    replace_files(folder, {**texts, STATE: text, **reports})


def _state(folder: Path) -> dict[str, Rows]:
    state: dict[str, Rows] = {}
    if (folder / STATE).exists():
        for line in (folder / STATE).read_text("utf-8").splitlines():
            table, key, row = json.loads(line)
            state.setdefault(table, {})[key] = row
    return state


def _existing(folder: Path, table: str) -> list[dict[str, str]]:
    names = [column_of(column) for column in fields(TABLES[table])]
    file = folder / f"{table}.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [{name: row.get(name) or "" for name in names} for row in csv.DictReader(text)]


def _unmapped(context: Context) -> dict[str, str]:
    """Diagnoses that could not be coded, with counts; a sheet for people, not a table."""
    if not context.unmapped:
        return {}
    text = io.StringIO()
    sheet = Sheet(text, delimiter="\t")
    sheet.rows([("code", "says", "count"), *((*key, count) for key, count in context.unmapped.most_common())])
    return {"unmapped_codes.tsv": text.getvalue()}
