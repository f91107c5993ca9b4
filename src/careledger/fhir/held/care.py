"""Care management itself: Consent, CarePlan, CareTeam, Goal, Communication, the month's note, and groups of patients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from careledger.core.month import Month
from careledger.core.records import CarePlan, Consent, Goal, TimeEntry
from careledger.fhir.held.finish import LOINC, Json, Stamp, coded, finished, instant, narrative, ours, to
from careledger.fhir.server.outgoing import ACHIEVED, ACHIEVEMENT, CONVERSATIONS, LIFECYCLE, plan_words
from careledger.fhir.writer import care_plan_resource, consent_resource, goal_resource

_ASSESS_PLAN = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
_NOTE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
_WITH_PATIENT = ("call_patient", "message_patient")


def consent(row: Consent, id_: str, stamp: Stamp) -> Json:
    """The patient's consent to a program; inactive once it was revoked."""
    resource = consent_resource(row, id_)
    category = {**coded(LOINC, "59284-0"), "text": f"consent to care management ({row.program})"}
    status = "inactive" if row.revoked_on else "active"
    return finished({**resource, "status": status, "category": [category]}, stamp)


def care_plan(
    row: CarePlan,
    id_: str,
    stamp: Stamp,
    *,
    is_latest: bool,
    goals: Sequence[str],
    conditions: Sequence[str],
    team: str | None,
) -> Json:
    """A version of a care plan: the latest of its program is active, earlier ones are completed.

    Args:
        goals: ids of the patient's goals.
        conditions: ids of the conditions the plan addresses.
        team: id of the patient's care team.
    """
    title = f"Care plan ({row.program})"
    said = {
        "Plan": title,
        "Established": None if row.established_on is None else row.established_on.isoformat(),
        "Recorded": plan_words(row),
    }
    return finished(
        {
            **care_plan_resource(row, id_),
            "text": narrative(said),
            "status": "active" if is_latest else "completed",
            "category": [
                coded(_ASSESS_PLAN, "assess-plan"),
                {"text": f"care management ({row.program})"},
            ],
            "title": title,
            "created": None if row.established_on is None else row.established_on.isoformat(),
            "goal": [to("Goal", one) for one in goals] if is_latest else None,
            "addresses": [to("Condition", one) for one in conditions] if is_latest else None,
            "careTeam": [to("CareTeam", team)] if team else None,
        },
        stamp,
    )


def care_team(id_: str, patient: str, members: Sequence[tuple[str, str, str]], stamp: Stamp) -> Json:
    """Who cares for a patient: (id of the practitioner, name, role in words)."""
    return finished(
        {
            "resourceType": "CareTeam",
            "id": id_,
            "status": "active",
            "name": "Care management team",
            "subject": to("Patient", patient),
            "participant": [
                {"role": [{"text": words}], "member": to("Practitioner", person, name)}
                for person, name, words in members
            ],
        },
        stamp,
    )


def goal(row: Goal, id_: str, stamp: Stamp, *, condition: str | None, barriers: str | None = None) -> Json:
    """A measurable goal.

    Args:
        condition: id of the condition it concerns.
    """
    status = (row.status or "").replace("-", " ").replace("_", " ").lower()
    achieved = ACHIEVED.get(status)
    resource = goal_resource(row, id_)
    return finished(
        {
            **resource,
            "id": id_,
            "identifier": [ours("Goal", row.goal_id)],
            "lifecycleStatus": LIFECYCLE.get(status, "active"),
            "achievementStatus": coded(ACHIEVEMENT, achieved) if achieved else None,
            "target": [{**aim, "measure": aim["measure"] if row.target else None} for aim in resource["target"]],
            "addresses": [to("Condition", condition)] if condition else None,
            "note": [{"text": barriers}] if barriers else None,
        },
        stamp,
    )


def communication(row: TimeEntry, id_: str, stamp: Stamp, *, stands: bool, code: str) -> Json:
    """An exchange with somebody, out of the time ledger; one that was voided or corrected is marked as an error."""
    sent = None if row.start_s is None else datetime.fromtimestamp(row.start_s, UTC)
    received = to("Patient", row.patient_id) if row.activity in _WITH_PATIENT else None
    return finished(
        {
            "resourceType": "Communication",
            "id": id_,
            "identifier": [ours("Communication", code)],
            "status": "completed" if stands else "entered-in-error",
            "category": [{"text": CONVERSATIONS[row.activity or ""]}],
            "subject": to("Patient", row.patient_id),
            "recipient": [received] if received else None,
            "sent": instant(sent) or (row.on.isoformat() if row.on else None),
            "sender": to("Practitioner", row.by),
            "note": [{"text": row.note}] if row.note else None,
        },
        stamp,
    )


def note(id_: str, patient: str, month: Month, stamp: Stamp, *, url: str, author: str | None, at: datetime) -> Json:
    """The month's care-management note; its PDF stands at ``url``."""
    return finished(
        {
            "resourceType": "DocumentReference",
            "id": id_,
            "identifier": [ours("DocumentReference", id_)],
            "status": "current",
            "type": coded(LOINC, "11506-3", text="care management note"),
            "category": [coded(_NOTE_CATEGORY, "clinical-note")],
            "subject": to("Patient", patient),
            "date": instant(at),
            "author": [to("Practitioner", author)] if author else None,
            "content": [
                {
                    "attachment": {
                        "contentType": "application/pdf",
                        "url": url,
                        "title": f"Care management note {month}",
                    }
                }
            ],
            "context": {"period": {"start": month.first_on.isoformat(), "end": month.last_on.isoformat()}},
        },
        stamp,
    )


def group(id_: str, name: str, patients: Sequence[str], stamp: Stamp) -> Json:
    """Patients enrolled in a program."""
    return finished(
        {
            "resourceType": "Group",
            "id": id_,
            "identifier": [ours("Group", id_)],
            "type": "person",
            "actual": True,
            "active": True,
            "name": name,
            "quantity": len(patients),
            "member": [{"entity": to("Patient", one)} for one in patients],
        },
        stamp,
    )
