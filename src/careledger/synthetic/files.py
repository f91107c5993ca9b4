"""Writes a synthetic clinic as a real one hands it over: FHIR from the record system, a time log, a few tables.

The FHIR writer is passed in, because parts on one level of the house do not import each other.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from careledger.core.month import Month
from careledger.core.records import TABLES, TimeEntry
from careledger.synthetic.clinic import ZONE, Clinic, Label, make_clinic

WriteFhir = Callable[[Mapping[str, Sequence[Any]], Path], object]

IN_TABLES = ("practices", "people", "panel", "agency_episodes", "decision_making", "extra_planning", "other_claims")
"""Tables that FHIR resources do not carry, or carry in part."""
TIMELOG = ("entry_id", "patient_id", "by", "program", "start", "end", "activity", "documented", "note", "recorded")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicFiles:
    """Where a written clinic lies.

    Attributes:
        fhir: folder of FHIR resources (NDJSON) as an electronic record exports them.
        timelog: the time log, with clock times of the clinic's zone.
        tables: folder of CSV tables for what neither carries, attestations, and the settings for claims.
        labels: who is in which situation, and what must come out.
    """

    clinic: Clinic
    fhir: Path
    timelog: Path
    tables: Path
    labels: Path


def write_clinic(out: Path, seed: int, month: Month, patients: int = 200, *, write_fhir: WriteFhir) -> ClinicFiles:
    """Draw a clinic and write its files into a folder.

    Args:
        out: the folder; files in it are replaced.
        seed: equal seeds write equal files.
        month: the month that is told.
        patients: how many patients.
        write_fhir: writes records by table as FHIR resources into a folder.
    """
    clinic = make_clinic(seed, month, patients)
    files = ClinicFiles(
        clinic=clinic,
        fhir=out / "fhir",
        timelog=out / "timelog.csv",
        tables=out / "tables",
        labels=out / "labels.csv",
    )
    files.tables.mkdir(parents=True, exist_ok=True)
    write_fhir(clinic.records, files.fhir)
    _write(files.timelog, TIMELOG, (_timelog_row(entry) for entry in clinic.records["time_entries"]))
    for table in IN_TABLES:
        _write(files.tables / f"{table}.csv", _columns(TABLES[table]), map(_table_row, clinic.records[table]))
    settings = resources.files("careledger.synthetic") / "data" / "claims.yaml"
    (files.tables / "claims.yaml").write_bytes(settings.read_bytes())
    _write(files.tables / "attestations.csv", ("practitioner", "month", "signed_on"), _attestations(clinic))
    _write(files.labels, ("patient_id", "biller", "situation", "bills", "held", "says"), map(_label_row, clinic.labels))
    return files


def _write(file: Path, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)


def _columns(record: type) -> list[str]:
    return [column.name.rstrip("_") for column in fields(record)]


def _table_row(record: Any) -> list[str]:
    return [_cell(getattr(record, column.name)) for column in fields(record)]


def _cell(value: object) -> str:
    """A value as tables write it: nothing when unknown, ``true`` and ``false``, ISO days, words parted by a space."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _timelog_row(entry: TimeEntry) -> list[str]:
    clocks = [_clock(second) for second in (entry.start_s, entry.end_s)]
    documented = _cell(entry.documented)
    programs = " ".join(entry.programs)
    texts = [entry.activity or "", documented, entry.note or "", _clock(entry.recorded_s)]
    return [entry.entry_id, entry.patient_id, entry.by, programs, *clocks, *texts]


def _clock(second: int | None) -> str:
    """Local time with its offset, so that the hour repeated in autumn stays clear."""
    return "" if second is None else datetime.fromtimestamp(second, ZONE).isoformat()


def _attestations(clinic: Clinic) -> list[list[str]]:
    """Every practitioner attested to the month two days after its end."""
    signed_on = (clinic.month.last_on + timedelta(days=2)).isoformat()
    billers = sorted({label.biller for label in clinic.labels})
    return [[biller, str(clinic.month), signed_on] for biller in billers]


def _label_row(label: Label) -> list[str]:
    bills = " ".join(f"{code}:{units}" for code, units in label.bills.items())
    return [label.patient_id, label.biller, label.situation, bills, label.held, label.says]
