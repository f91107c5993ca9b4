"""A folder of tables into the clinic's database: read as strictly as a close reads it, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction

from careledger.core.month import Month
from careledger.core.records import TABLES
from careledger.facts.schema import column_of
from careledger.facts.tables import FolderReport, open_folder
from careledger.facts.working import working_database
from careledger.web.audit.actions import record
from careledger.web.billing.models import DecisionMaking, ExtraPlanning, OtherClaim
from careledger.web.patients import models as chart
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.scope import locked_organisation
from careledger.web.timers.actions import import_entries

BATCH = 1000
MODELS: Mapping[str, type[models.Model]] = {
    "coverage": chart.Coverage,
    "panel": chart.Panel,
    "conditions": chart.Condition,
    "enrolments": chart.Enrolment,
    "visits": chart.Visit,
    "care_plans": CarePlan,
    "goals": Goal,
    "stays": chart.Stay,
    "agency_episodes": chart.AgencyEpisode,
    "decision_making": DecisionMaking,
    "discharges": chart.Discharge,
    "devices": chart.Device,
    "behavioral": chart.Behavioral,
    "extra_planning": ExtraPlanning,
    "other_claims": OtherClaim,
}
"""Tables whose rows are taken as they are; the rest have a loader of their own."""
_PEOPLE = {"biller_id": "biller", "by": "by", "practitioner": "practitioner"}


@dataclass(slots=True)
class Loaded:
    """What a load did: rows written by table, and the reader's report."""

    report: FolderReport
    written: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """For people: what was written, then what the reader set aside."""
        counts = [f"{table}: {count:,} rows written" for table, count in self.written.items() if count]
        return [*counts, *self.report.warnings, *[str(reject) for reject in self.report.rejects]]


def load_folder(folder: Path, *, as_of: date | None = None) -> Loaded:
    """Load a folder of tables into the organisation in scope; patients it holds already keep their record.

    Raises:
        InputError: the folder, or a file of it as a whole, cannot be used; then nothing is written.
    """
    report, found = read_folder(folder, as_of=as_of)
    loaded = Loaded(report)
    with transaction.atomic():
        _Loader(found, loaded).load(folder.name)
    return loaded


def read_folder(folder: Path, *, as_of: date | None = None) -> tuple[FolderReport, dict[str, list[Any]]]:
    """The records of a folder of tables by table, and what its reader set aside; InputError when it cannot be used."""
    with working_database() as con:
        report = open_folder(con, folder, as_of=as_of)
        return report, {table: list(_records(con, table)) for table in TABLES}


def load_records(found: Mapping[str, list[Any]], source: str) -> dict[str, int]:
    """Load records by table into the organisation in scope, as :func:`load_folder` does; returns rows written by table."""
    loaded = Loaded(FolderReport())
    with transaction.atomic():
        _Loader({table: list(found.get(table, ())) for table in TABLES}, loaded).load(source)
    return loaded.written


def _records(con: Any, table: str) -> Iterator[Any]:
    kind = TABLES[table]
    names = [column.name for column in fields(kind)]
    many = {column.name for column in fields(kind) if str(column.type).startswith("tuple")}
    columns = ", ".join(f'"{column_of(column)}"' for column in fields(kind))
    for row in con.execute(f"SELECT {columns} FROM {table}").fetchall():
        cells = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        yield kind(**{name: tuple(value.split()) if name in many else value for name, value in cells.items()})


class _Loader:
    """Writes the records of one folder."""

    def __init__(self, found: dict[str, list[Any]], loaded: Loaded) -> None:
        self.found, self.loaded = found, loaded
        self.people: dict[str, Person] = {}
        self.patients: dict[str, chart.Patient] = {}

    def load(self, source: str) -> None:
        # One load at a time: what is new is found out first, and two would both find it.
        locked_organisation()
        self._directory()
        new = self._new_patients()
        for table, model in MODELS.items():
            rows = [row for row in self.found[table] if row.patient_id in new]
            self._write(table, model, [self._row(record, model) for record in rows])
        self._consents(new)
        works = [work for work in self.found["time_entries"] if work.patient_id in self.patients]
        self.loaded.written["time_entries"] = import_entries(
            works=works, patients=self.patients, people=self.people, source=f"import:{source}"
        )
        record(acting_user=None, action="tables.loaded", after=self.loaded.written)

    def _directory(self) -> None:
        practices = {row.code: row for row in Practice.objects.all()}
        for one in self.found["practices"]:
            if one.practice_id not in practices:
                practices[one.practice_id] = Practice.objects.create(code=one.practice_id, **_cells(one, "practice_id"))
        self.people = {row.code: row for row in Person.objects.all()}
        for one in self.found["people"]:
            if one.person_id not in self.people:
                practice = practices.get(one.practice_id or "")
                cells = _cells(one, "person_id", "practice_id")
                self.people[one.person_id] = Person.objects.create(code=one.person_id, practice=practice, **cells)

    def _new_patients(self) -> set[str]:
        known = set(chart.Patient.objects.values_list("code", flat=True))
        fresh = [row for row in self.found["patients"] if row.patient_id not in known]
        rows = [chart.Patient(code=row.patient_id, revision=1, **_cells(row, "patient_id")) for row in fresh]
        self._write("patients", chart.Patient, rows)
        self.patients = {row.code: row for row in chart.Patient.objects.all()}
        return {row.patient_id for row in fresh}

    def _row(self, one: Any, model: type[models.Model]) -> Any:
        own = {name.name for name in model._meta.get_fields()}
        cells = _cells(one, "patient_id", "goal_id")
        for name, relation in _PEOPLE.items():
            if name in cells and relation in own and model._meta.get_field(relation).is_relation:
                cells[relation] = self.people[cells.pop(name)]
        if "from_" in cells:
            cells["from_kind"] = cells.pop("from_")
        if "practice_id" in cells:
            cells["practice_code"] = cells.pop("practice_id")
        if hasattr(one, "goal_id"):
            cells["code"] = one.goal_id
        return model(patient=self.patients[one.patient_id], **cells)

    def _consents(self, new: set[str]) -> None:
        found = [row for row in self.found["consents"] if row.patient_id in new]
        rows = [
            chart.Consent(patient=self.patients[row.patient_id], **_cells(row, "patient_id", "revoked_on"))
            for row in found
        ]
        self._write("consents", chart.Consent, rows)
        ended = [
            chart.ConsentRevocation(consent=row, on=one.revoked_on)
            for row, one in zip(rows, found, strict=True)
            if one.revoked_on
        ]
        chart.ConsentRevocation.objects.bulk_create(ended)
        self._write("statuses", chart.ProgramStatus, list(self._statuses(found)))

    def _statuses(self, consents: list[Any]) -> Iterator[chart.ProgramStatus]:
        """The status history that consents and enrolments tell of."""
        for one in consents:
            if one.given_on is not None:
                yield self._status(one, "consented", one.given_on)
                yield self._status(one, "enrolled", one.given_on)
            if one.revoked_on is not None:
                yield self._status(one, "revoked", Month.of(one.revoked_on).last_on)

    def _status(self, one: Any, status: str, on: date) -> chart.ProgramStatus:
        patient = self.patients[one.patient_id]
        return chart.ProgramStatus(patient=patient, program=one.program, status=status, on=on, recorded_by="import")

    def _write(self, table: str, model: type[models.Model], rows: list[Any]) -> None:
        model.objects.bulk_create(rows, batch_size=BATCH)
        self.loaded.written[table] = len(rows)


def _cells(one: Any, *without: str) -> dict[str, Any]:
    """A record's known values by column, but those named."""
    names = [column.name for column in fields(one) if column.name not in without]
    return {name: getattr(one, name) for name in names}
