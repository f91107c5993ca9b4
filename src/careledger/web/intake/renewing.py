"""What an import adds to patients the clinic knows already.

A row that is new is added. A row that stands is filled where it was unknown; what ends something (a last day covered, a
discharge, a death) and how a patient is reached is taken over, and nothing else is: what the clinic wrote stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.db import models

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients import models as chart
from careledger.web.patients.loading import MODELS
from careledger.web.tenancy.models import Person

KEYS: Mapping[str, tuple[str, ...]] = {
    "coverage": ("payer", "rank", "since"),
    "panel": ("biller",),
    "conditions": ("icd10", "since"),
    "enrolments": ("program",),
    "visits": ("practitioner", "on", "code"),
    "care_plans": ("program", "established_on"),
    "goals": ("code",),
    "stays": ("kind", "since"),
    "agency_episodes": ("kind", "since"),
    "decision_making": ("practitioner", "month"),
    "discharges": ("from_kind", "on"),
    "devices": ("kind", "period_since"),
    "behavioral": ("service",),
    "extra_planning": ("by", "on"),
    "other_claims": ("code", "on", "practitioner"),
}
"""By what a row of a table is known again, within its patient; unknown agrees with anything."""
TAKEN: Mapping[str, tuple[str, ...]] = {
    "patients": ("family_name", "given_name", "address", "city", "state", "zip", "phone", "died_on"),
    "coverage": ("until", "member_id", "part_b", "qmb"),
    "conditions": ("until",),
    "stays": ("until",),
    "agency_episodes": ("until",),
    "panel": ("last_seen_on",),
    "discharges": ("readmitted_on",),
    "devices": ("days_with_data", "period_until"),
}
"""Cells taken over from the import although something stands."""
KEPT = ("care_plans", "goals", "decision_making", "enrolments")
"""Tables whose rows the clinic itself writes: a row that stands is left alone."""
_RELATIONS = {"biller_id": "biller", "by": "by", "practitioner": "practitioner", "goal_id": "code", "from_": "from_kind", "practice_id": "practice_code"}  # fmt: skip


class Renewal:
    """One import's additions to known patients."""

    def __init__(self, known: Mapping[str, Any], acting_user: Membership) -> None:
        self.known, self.acting_user = known, acting_user
        self.people = {person.code: person for person in Person.objects.all()}
        self.changes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def run(self, found: Mapping[str, list[Any]]) -> dict[str, int]:
        """Write what is new for the known patients; returns rows added or filled by table."""
        self._patients(found["patients"])
        for table, model in MODELS.items():
            self._table(table, model, [row for row in found[table] if row.patient_id in self.known])
        self._consents([row for row in found["consents"] if row.patient_id in self.known])
        for code, changed in sorted(self.changes.items()):
            patient = self.known[code]
            record(
                acting_user=self.acting_user,
                action="chart.imported",
                patient=patient,
                target=patient,
                after=dict(changed),
            )
        totals: dict[str, int] = defaultdict(int)
        for changed in self.changes.values():
            for table, count in changed.items():
                totals[table] += count
        return dict(totals)

    def _patients(self, rows: Iterable[Any]) -> None:
        for one in rows:
            if one.patient_id in self.known:
                patient = self.known[one.patient_id]
                cells = {
                    column.name: getattr(one, column.name) for column in fields(one) if column.name != "patient_id"
                }
                self._fill("patients", one.patient_id, patient, cells)

    def _table(self, table: str, model: Any, rows: list[Any]) -> None:
        if not rows:
            return
        standing: dict[str, list[Any]] = defaultdict(list)
        for row in (
            model.objects.filter(patient__code__in={one.patient_id for one in rows})
            .select_related("patient")
            .order_by("pk")
        ):
            standing[row.patient.code].append(row)
        fresh = []
        for one in rows:
            cells = self._cells(one, model)
            twin = next((row for row in standing[one.patient_id] if _agrees(row, cells, KEYS[table])), None)
            if twin is None:
                fresh.append(model(patient=self.known[one.patient_id], **cells))
                self.changes[one.patient_id][table] += 1
            else:
                standing[one.patient_id].remove(twin)
                if table not in KEPT:
                    self._fill(table, one.patient_id, twin, cells)
        model.objects.bulk_create(fresh, batch_size=1000)

    def _cells(self, one: Any, model: Any) -> dict[str, Any]:
        """A record's known values by the model's fields."""
        cells: dict[str, Any] = {}
        for column in fields(one):
            value = getattr(one, column.name)
            if column.name == "patient_id" or value is None:
                continue
            name = _field_of(model, column.name)
            cells[name] = self.people[value] if _is_person(model, name) else value
        return cells

    def _fill(self, table: str, code: str, row: Any, cells: Mapping[str, Any]) -> None:
        changed = [
            name
            for name, value in cells.items()
            if value is not None
            and value != getattr(row, name)
            and (getattr(row, name) in (None, "") or name in TAKEN.get(table, ()))
        ]
        if changed:
            for name in changed:
                setattr(row, name, cells[name])
            row.save(update_fields=changed)
            self.changes[code][table] += 1

    def _consents(self, rows: list[Any]) -> None:
        """Consents only grow: a new one, or the day one was revoked."""
        for one in rows:
            patient = self.known[one.patient_id]
            twin = chart.Consent.objects.filter(patient=patient, program=one.program, given_on=one.given_on).first()
            if twin is None:
                cells = {column.name: getattr(one, column.name) for column in fields(one)}
                del cells["patient_id"], cells["revoked_on"]
                twin = chart.Consent.objects.create(patient=patient, **cells)
                self._status(patient, one.program, "consented", one.given_on)
                self.changes[one.patient_id]["consents"] += 1
            if one.revoked_on and not twin.revocations.exists():
                chart.ConsentRevocation.objects.create(consent=twin, on=one.revoked_on)
                self._status(patient, one.program, "revoked", one.revoked_on)
                self.changes[one.patient_id]["consents"] += 1

    def _status(self, patient: Any, program: str, status: str, on: Any) -> None:
        if on is not None:
            chart.ProgramStatus.objects.create(
                patient=patient, program=program, status=status, on=on, recorded_by="import"
            )


def _agrees(row: Any, cells: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    def same(name: str) -> bool:
        ours, theirs = getattr(row, name), cells.get(name)
        return ours is None or theirs is None or ours == theirs

    return all(same(name) for name in key)


def _field_of(model: type[models.Model], column: str) -> str:
    own = {field.name for field in model._meta.get_fields()}
    return column if column in own else _RELATIONS.get(column, column)


def _is_person(model: type[models.Model], name: str) -> bool:
    return getattr(model._meta.get_field(name), "related_model", None) is Person
