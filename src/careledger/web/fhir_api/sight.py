"""What one request needs to know to turn rows into resources: who is who, and which version of a record a row tells of.

Rows carry no dates of their own changes; the audit log has them. A resource counts as changed whenever its patient's record
was, or tables were loaded: that is never too late and sometimes too early, so that no reader misses a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Max

from careledger.fhir.held.finish import Stamp
from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.records import to_record

LOADED = "tables.loaded"
REMOVED = {"condition": "Condition/", "coverage": "Coverage/", "visit": "Encounter/v", "stay": "Encounter/s"}
"""Tables whose rows may be taken out, with the beginning of their resources' addresses."""
_PEOPLE = ("practitioner", "by", "signed_by", "recorded_by")


class Sight:
    """One request's view of the clinic.

    Args:
        base: address of the FHIR server, without a slash at its end.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self._changed: dict[int, datetime | None] = {}

    @cached_property
    def people(self) -> dict[str, str]:
        """Code of a person to the id of their Practitioner."""
        return {code: str(pk) for code, pk in Person.objects.values_list("code", "pk")}

    @cached_property
    def loaded_at(self) -> datetime | None:
        """When tables were loaded last."""
        found: datetime | None = AuditEvent.objects.filter(action=LOADED).aggregate(at=Max("at"))["at"]
        return found

    def look_at(self, patients: Iterable[int]) -> None:
        """Learn when the records of these patients changed last."""
        unknown = sorted({one for one in patients if one} - self._changed.keys())
        if unknown:
            written = changes().filter(patient_ref__in=unknown)
            at = dict(written.values_list("patient_ref").annotate(at=Max("at")))
            self._changed |= {one: latest(at.get(one), self.loaded_at) for one in unknown}

    def stamp(self, patient: Patient) -> Stamp:
        """The version of a patient's record and since when it stands."""
        self.look_at([patient.pk])
        return Stamp(str(patient.revision), self._changed[patient.pk])

    @property
    def house(self) -> Stamp:
        """Of what belongs to no patient, nobody notes when it changed."""
        return Stamp()

    def record(self, row: Any, kind: type, **changes: Any) -> Any:
        """A row as its core record, with FHIR ids in the place of codes; people nobody knows are left out."""
        found = to_record(row, kind)
        held = {name: getattr(found, name) for name in _PEOPLE if getattr(found, name, None)}
        known = {name: self.people.get(code) for name, code in held.items()}
        if hasattr(found, "patient_id") and hasattr(row, "patient_id"):
            known["patient_id"] = str(row.patient_id)
        return replace(found, **known, **changes)


def changes() -> Any:
    """Writes to patients' records, as the audit log has them."""
    return AuditEvent.objects.filter(patient_ref__isnull=False).exclude(action__endswith=".read").order_by()


def changed_since(at: datetime) -> set[int] | None:
    """Patients whose record changed after an instant, or of whom nobody knows when; None when that may be all."""
    if AuditEvent.objects.filter(action=LOADED, at__gt=at).exists():
        return None
    everyone = set(Patient.objects.values_list("pk", flat=True))
    noted = dict(changes().values_list("patient_ref").annotate(at=Max("at")))
    if not AuditEvent.objects.filter(action=LOADED).exists():
        return {one for one in everyone if one not in noted or noted[one] > at}
    return {one for one in everyone if one in noted and noted[one] > at}


def removed_since(at: datetime, patients: frozenset[int] | None) -> list[str]:
    """``Type/id`` of what was taken out of records after an instant, as entered in error."""
    found = changes().filter(action__in=[f"{name}.removed" for name in REMOVED], at__gt=at)
    if patients is not None:
        found = found.filter(patient_ref__in=patients)
    targets = (target.split(" ") for target in found.order_by("sequence").values_list("target", flat=True))
    return [f"{REMOVED[name]}{number}" for name, number in targets]


def latest(*instants: datetime | None) -> datetime | None:
    """The latest of some instants."""
    return max((one for one in instants if one is not None), default=None)
