"""One patient's records out of a folder of tables, decided once more on their exact facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.core.records import TABLES, TimeEntry
from careledger.engine.answer import Answer
from careledger.engine.check import answer_case
from careledger.facts.case import Case
from careledger.facts.schema import column_of
from careledger.facts.tables import open_folder
from careledger.policy.store import Policy

Records = dict[str, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What a binder is made of: the patient's records, and the answer they give."""

    patient: str
    month: Month
    records: Records
    answer: Answer

    def rows(self, table: str) -> list[Any]:
        """The patient's own rows of a table (people and practices: everyone's)."""
        own = self.records.get(table, [])
        return [row for row in own if getattr(row, "patient_id", self.patient) == self.patient]


class Folder:
    """A folder of tables, opened once for many patients."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.con = duckdb.connect(config={"threads": 1})
        open_folder(self.con, data)

    def dossier(self, patient: str, month: Month, policy: Policy) -> Dossier:
        """The records and the answer of a patient's month.

        Raises:
            InputError: the folder has no such patient, or no practitioner of record for the patient.
        """
        records = self._records(patient)
        if not records["patients"]:
            raise InputError(Place(str(self.data)), f"no patient has the id {patient}", "name a patient of the folder")
        if not records["panel"]:
            raise InputError(
                Place(str(self.data)), f"patient {patient} has no practitioner of record", "add a row to panel"
            )
        billers = tuple(row.biller_id for row in records["panel"])
        payer, plan = _payer(records["coverage"], month)
        case = Case(id=patient, month=month, billers=billers, payer=payer, plan=plan, records=records)
        return Dossier(patient=patient, month=month, records=records, answer=answer_case(case, policy))

    def _records(self, patient: str) -> Records:
        records: Records = {}
        for table, record in TABLES.items():
            if table in ("practices", "people"):
                records[table] = self._rows(record, f"SELECT * FROM {table}", [])
            else:
                records[table] = self._rows(record, f"SELECT * FROM {table} WHERE patient_id = ?", [patient])
        self._add_elsewhere(records, patient)
        return records

    def _add_elsewhere(self, records: Records, patient: str) -> None:
        """What the same people logged for other patients: a person works a minute only once."""
        workers = sorted({row.by for row in records["time_entries"]})
        others = self._rows(
            TimeEntry, "SELECT * FROM time_entries WHERE patient_id <> ? AND list_contains(?, \"by\")", [patient, workers]
        )  # fmt: skip
        spans = [(row.by, row.start_s, row.end_s) for row in records["time_entries"] if row.start_s is not None]
        touching = [row for row in others if row.start_s is not None and _meets(row, spans)]
        records["time_entries"] = [*records["time_entries"], *touching]

    def _rows(self, record: type, sql: str, values: list[Any]) -> list[Any]:
        found = self.con.execute(sql, values)
        names = [column[0] for column in found.description]
        return [_record(record, dict(zip(names, row, strict=True))) for row in found.fetchall()]


def _meets(row: TimeEntry, spans: Iterable[tuple[str, int, int]]) -> bool:
    assert row.start_s is not None
    assert row.end_s is not None
    return any(by == row.by and row.start_s < end and row.end_s > start for by, start, end in spans)


def _record(record: type, row: dict[str, Any]) -> Any:
    values = {}
    for column in fields(record):
        value = row[column_of(column)]
        if str(column.type).startswith("tuple"):
            value = tuple(value.split()) if value is not None else (None if "None" in str(column.type) else ())
        values[column.name] = value
    return record(**values)


def _payer(coverage: list[Any], month: Month) -> tuple[str, str | None]:
    """The primary payer in force in the month."""
    within = [
        row
        for row in sorted(coverage, key=lambda row: row.rank)
        if (row.since is None or row.since <= month.last_on) and (row.until is None or row.until >= month.first_on)
    ]
    return (within[0].payer, within[0].plan) if within else ("medicare_ffs", None)
