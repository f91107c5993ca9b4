"""What goes back to the record system: consents, goals, care plans, conversations and the month's note, as FHIR R4.

Every resource carries an identifier of ours, by which the server finds the version it has. References go to the patients
and practitioners that the server itself told of.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from careledger.core.month import Month
from careledger.core.records import CarePlan, Consent, Goal, TimeEntry

Json = dict[str, Any]
SYSTEM = "https://careledger.org/fhir/sid/"
KINDS = ("Consent", "Goal", "CarePlan", "Communication", "DocumentReference")
CONVERSATIONS: Mapping[str, str] = {
    "call_patient": "talk with the patient",
    "call_family": "talk with family or caregiver",
    "message_patient": "message to the patient or caregiver",
    "call_professional": "talk with a professional of another practice",
    "call_agency": "talk with the home health agency or hospice",
    "call_pharmacist": "talk with a pharmacist",
}
"""Activities that are an exchange with somebody, in our words."""
_LOINC = "http://loinc.org"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LIFECYCLE = {"achieved": "completed", "not attainable": "cancelled", "cancelled": "cancelled", "proposed": "proposed"}
ACHIEVED = {
    "in progress": "in-progress", "improving": "improving", "worsening": "worsening", "no change": "no-change",
    "achieved": "achieved", "sustaining": "sustaining", "not achieved": "not-achieved", "no progress": "no-progress",
    "not attainable": "not-attainable",
}  # fmt: skip
ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"

Note = Callable[[str], bytes | None]
"""The month's note of a patient as PDF; none when there is none."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A resource and the value of our identifier on it."""

    kind: str
    value: str
    resource: Json

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.value}"


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of patients and practitioners at the server."""

    patients: frozenset[str]
    practitioners: frozenset[str]

    def practitioner(self, id_: str | None) -> Json | None:
        """A reference to a practitioner; by name only where the server does not know the id."""
        if id_ is None:
            return None
        return {"reference": f"Practitioner/{id_}"} if id_ in self.practitioners else {"display": id_}


def outgoing(
    records: Mapping[str, Sequence[Any]], month: Month, known: Known, note: Note, kinds: Iterable[str] = KINDS
) -> Iterator[Outgoing]:
    """Resources of a month for patients whom the server knows: goals before the plans that name them.

    Args:
        records: rows by table: consents, goals, care_plans, time_entries.
        note: asked for each patient with time in the month.
    """
    wanted = set(kinds)
    mine = {
        table: [row for row in records.get(table, ()) if row.patient_id in known.patients]
        for table in ("consents", "goals", "care_plans", "time_entries")
    }
    entries = [row for row in mine["time_entries"] if _day_of(row) and Month.of(_day_of(row)) == month]  # type: ignore[arg-type]
    made = {
        "Consent": (_consent(row, known) for row in mine["consents"]),
        "Goal": (_goal(row) for row in mine["goals"]),
        "CarePlan": (_care_plan(row, known, mine["goals"]) for row in _latest(mine["care_plans"])),
        "Communication": (_communication(row, known) for row in entries if row.activity in CONVERSATIONS),
        "DocumentReference": _notes(entries, month, note),
    }
    for kind in KINDS:
        if kind in wanted:
            yield from made[kind]


def _consent(row: Consent, known: Known) -> Outgoing:
    over = row.revoked_on is not None
    value = f"{row.patient_id}.{row.program}.{row.given_on or 'undated'}"
    return _out("Consent", value, {
        "status": "inactive" if over else "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [{"coding": [{"system": _LOINC, "code": "59284-0"}], "text": f"consent to care management ({row.program})"}],
        "patient": _patient(row.patient_id),
        "dateTime": _text(row.given_on),
        "performer": [_patient(row.patient_id)],
        "policyRule": {"coding": [{"system": _ACT, "code": "OPTOUT" if over else "OPTIN"}]},
    })  # fmt: skip


def _goal(row: Goal) -> Outgoing:
    status = (row.status or "").replace("-", " ").lower()
    achieved = ACHIEVED.get(status)
    target = {
        "measure": {"text": row.measure or row.text},
        "detailString": row.target,
        "dueDate": _text(row.due_on),
    }
    return _out("Goal", row.goal_id, {
        "lifecycleStatus": LIFECYCLE.get(status, "active"),
        "achievementStatus": {"coding": [{"system": ACHIEVEMENT, "code": achieved}]} if achieved else None,
        "description": {"text": row.text},
        "subject": _patient(row.patient_id),
        "target": [target] if row.target else None,
        "statusDate": _text(row.reviewed_on),
    })  # fmt: skip


def _care_plan(row: CarePlan, known: Known, goals: Sequence[Goal]) -> Outgoing:
    return _out("CarePlan", f"{row.patient_id}.{row.program}", {
        "status": "active",
        "intent": "plan",
        "category": [{"text": f"care management ({row.program})"}],
        "title": "Comprehensive care plan",
        "subject": _patient(row.patient_id),
        "period": {"start": _text(row.established_on)} if row.established_on else None,
        "created": _text(row.established_on),
        "author": known.practitioner(row.signed_by),
        "goal": [{"our": one.goal_id} for one in goals if one.patient_id == row.patient_id],
        "note": [{"text": plan_words(row)}],
    })  # fmt: skip


def plan_words(row: CarePlan) -> str:
    """What is recorded of a plan, in a sentence."""
    days = (
        ("Reviewed", row.reviewed_on),
        ("revised", row.revised_on),
        ("copy given to the patient", row.copy_given_on),
    )
    told = [f"{what} on {day}" for what, day in days if day] or ["No review, revision or delivery recorded"]
    held = ", ".join(element.replace("_", " ") for element in row.elements or ())
    return "; ".join(told) + (f". Elements: {held}." if held else ".")


def _communication(row: TimeEntry, known: Known) -> Outgoing:
    return _out("Communication", row.entry_id, {
        "status": "completed",
        "category": [{"text": CONVERSATIONS[row.activity or ""]}],
        "subject": _patient(row.patient_id),
        "sent": _instant(row),
        "sender": known.practitioner(row.by),
        "note": [{"text": row.note}] if row.note else None,
    })  # fmt: skip


def _notes(entries: Sequence[TimeEntry], month: Month, note: Note) -> Iterator[Outgoing]:
    for patient in dict.fromkeys(row.patient_id for row in entries):
        pdf = note(patient)
        if pdf is not None:
            yield _document(patient, month, pdf)


def _document(patient: str, month: Month, pdf: bytes) -> Outgoing:
    return _out("DocumentReference", f"{patient}.{month}", {
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [{"system": _LOINC, "code": "11506-3"}], "text": "care management note"},
        "category": [{"coding": [{"system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "code": "clinical-note"}]}],
        "subject": _patient(patient),
        "content": [{"attachment": {
            "contentType": "application/pdf",
            "title": f"Care management note {month}",
            "data": base64.b64encode(pdf).decode(),
            "size": len(pdf),
            "hash": base64.b64encode(hashlib.sha1(pdf, usedforsecurity=False).digest()).decode(),
        }}],
        "context": {"period": {"start": _text(month.first_on), "end": _text(month.last_on)}},
    })  # fmt: skip


def _latest(plans: Iterable[CarePlan]) -> list[CarePlan]:
    """The plan of each patient and program that was established last."""
    found: dict[tuple[str, str], CarePlan] = {}
    for plan in sorted(plans, key=lambda one: one.established_on or date.min):
        found[plan.patient_id, plan.program] = plan
    return list(found.values())


def _out(kind: str, value: str, elements: Json) -> Outgoing:
    identifier = {"system": f"{SYSTEM}{kind}", "value": value}
    kept = {name: element for name, element in elements.items() if element not in (None, [], {})}
    held = [{k: v for k, v in one.items() if v is not None} for one in kept.get("target", ())]
    if held:
        kept["target"] = held
    return Outgoing(kind, value, {"resourceType": kind, "identifier": [identifier], **kept})


def _patient(id_: str) -> Json:
    return {"reference": f"Patient/{id_}"}


def _day_of(row: TimeEntry) -> date | None:
    return row.on if row.start_s is None else datetime.fromtimestamp(row.start_s, UTC).date()


def _instant(row: TimeEntry) -> str | None:
    if row.start_s is None:
        return _text(row.on)
    return datetime.fromtimestamp(row.start_s, UTC).isoformat().replace("+00:00", "Z")


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
