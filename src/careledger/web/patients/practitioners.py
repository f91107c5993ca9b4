"""Who answers for a patient: the practitioner of record, from a day on, and whose claims a month considers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from careledger.core.month import Month
from careledger.web.patients.models import Panel, Patient, PractitionerOfRecord
from careledger.web.tenancy.models import Person


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which one practitioner was of record, both included."""

    practitioner_id: int
    first: date
    last: date

    def touches(self, month: Month) -> bool:
        return self.first <= month.last_on and self.last >= month.first_on


def of_record(patient: Patient, on: date) -> Person | None:
    """The practitioner of record on a day; without a history the first of the panel."""
    rows = PractitionerOfRecord.objects.filter(patient=patient).select_related("practitioner").order_by("pk")
    people = {row.practitioner_id: row.practitioner for row in rows}
    for span in _spans(rows):
        if span.first <= on <= span.last:
            found: Person = people[span.practitioner_id]
            return found
    first = Panel.objects.filter(patient=patient).select_related("biller").order_by("pk").first()
    return None if first is None else first.biller


def history(patient: Patient) -> list[Any]:
    """Who answered for the patient from when on, the latest first."""
    rows = PractitionerOfRecord.objects.filter(patient=patient).select_related("practitioner")
    return sorted(rows, key=lambda row: (row.since or date.min, row.pk), reverse=True)


def panel_in(patient_ids: Iterable[int], month: Month) -> list[Any]:
    """The practitioners whose claims a month considers, patient by patient; who is of record at its end comes first.

    Who was of record only before or after the month is left out; who never was, such as a specialist, always stays.
    """
    ids = list(patient_ids)
    rows = list(Panel.objects.filter(patient__in=ids).select_related("patient", "biller").order_by("pk"))
    if not rows:
        return rows
    changes: defaultdict[int, list[Any]] = defaultdict(list)
    for change in PractitionerOfRecord.objects.filter(patient__in=ids).order_by("pk"):
        changes[change.patient_id].append(change)
    spans = {patient: _spans(found) for patient, found in changes.items()}
    found = [row for row in rows if _is_considered(row, spans.get(row.patient_id, []), month)]
    return sorted(found, key=lambda row: _place(row, spans.get(row.patient_id, []), month))


def _spans(rows: Iterable[Any]) -> list[Span]:
    """Rows as spans of days; the first reaches back to the beginning, the last has no end."""
    order = sorted(rows, key=lambda row: (row.since or date.min, row.pk))
    starts = [date.min, *(row.since or date.min for row in order[1:])]
    ends = [start - timedelta(days=1) if start > date.min else date.min for start in starts[1:]]
    return [
        Span(row.practitioner_id, first, last)
        for row, first, last in zip(order, starts, [*ends, date.max], strict=False)
        if first <= last
    ]


def _is_considered(row: Any, spans: list[Span], month: Month) -> bool:
    own = [span for span in spans if span.practitioner_id == row.biller_id]
    return not own or any(span.touches(month) for span in own)


def _place(row: Any, spans: list[Span], month: Month) -> tuple[bool, int]:
    at_end = next((span.practitioner_id for span in spans if span.first <= month.last_on <= span.last), None)
    return (at_end is not None and row.biller_id != at_end, row.pk)
