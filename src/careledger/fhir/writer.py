"""FHIR R4 out: records of a practice as NDJSON, one file a resource type.

What FHIR has no element for travels in the extensions that ``elements`` reads back, so that writing and importing gives
the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from careledger.core.records import (
    CarePlan,
    Condition,
    Consent,
    Coverage,
    Goal,
    Patient,
    Person,
    Practice,
    Stay,
    Visit,
)
from careledger.fhir.elements import CPT, EIN, ICD10, MBI, NPI, NUCC, own_extension

Json = dict[str, Any]
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CLASS = {"inpatient": "IMP", "observation": "OBSENC", "emergency": "EMER"}


def write_fhir(records: Mapping[str, Sequence[Any]], out_dir: Path) -> list[Path]:
    """Write records as ``<Type>.ndjson`` files into a folder; returns the files.

    Tables written: practices, people, patients, coverage, conditions, visits, stays, care_plans, goals, consents, and the
    panel as each patient's general practitioners.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    by_type: dict[str, list[Json]] = {}
    for resource in _resources(records):
        by_type.setdefault(resource["resourceType"], []).append(resource)
    files = []
    for kind, rows in by_type.items():
        file = out_dir / f"{kind}.ndjson"
        file.write_bytes(b"".join(orjson.dumps(filled(row)) + b"\n" for row in rows))
        files.append(file)
    return files


def _resources(records: Mapping[str, Sequence[Any]]) -> Iterator[Json]:
    members = {row.patient_id: row.member_id for row in records.get("coverage", ()) if row.payer.startswith("medicare")}
    panel: dict[str, list[str]] = {}
    for row in records.get("panel", ()):
        panel.setdefault(row.patient_id, []).append(row.biller_id)
    for row in records.get("practices", ()):
        yield practice_resource(row)
    for row in records.get("people", ()):
        yield from person_resources(row)
    for row in records.get("patients", ()):
        yield patient_resource(row, members.get(row.patient_id), panel.get(row.patient_id, []))
    for table, build in _BUILDERS.items():
        for number, row in enumerate(records.get(table, ())):
            yield build(row, f"{table.replace('_', '-')}-{row.patient_id}-{number}")


def practice_resource(row: Practice) -> Json:
    return {
        "resourceType": "Organization",
        "id": row.practice_id,
        "active": True,
        "name": row.name or row.practice_id,
        "identifier": _identifiers((NPI, row.npi), (EIN, row.tax_id)),
        "telecom": _phone(row.phone),
        "address": _address(row),
        "extension": _extra(row, "time_zone", "taxonomy", "setting", "locality", "access_24_7", "certified_ehr"),
    }


def person_resources(row: Person) -> Iterator[Json]:
    given, _, family = (row.name or row.person_id).rpartition(" ")
    yield {
        "resourceType": "Practitioner",
        "id": row.person_id,
        "active": True,
        "identifier": _identifiers((NPI, row.npi)),
        "name": [{"family": family, "given": given.split() or None, "suffix": [row.credential] if row.credential else None}],
        "extension": _extra(
            row, "kind", "specialty", "taxonomy", "employment", "supervision", "outside_us", "works_with",
            "in_global_period", "certified_or_trained",
        ),
    }  # fmt: skip
    yield {
        "resourceType": "PractitionerRole",
        "id": f"role-{row.person_id}",
        "practitioner": _to("Practitioner", row.person_id),
        "organization": _to("Organization", row.practice_id),
        "code": [{"coding": [{"system": NUCC, "code": row.taxonomy}]}] if row.taxonomy else None,
    }


def patient_resource(row: Patient, mbi: str | None, billers: list[str]) -> Json:
    return {
        "resourceType": "Patient",
        "id": row.patient_id,
        "identifier": _identifiers((MBI, mbi)),
        "name": [{"use": "official", "family": row.family_name, "given": (row.given_name or "").split() or None}],
        "gender": row.sex or "unknown",
        "birthDate": _day(row.born_on),
        "deceasedDateTime": _day(row.died_on),
        "telecom": _phone(row.phone),
        "address": _address(row),
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": row.language}]}}]
        if row.language
        else None,
        "generalPractitioner": [_to("Practitioner", biller) for biller in billers] or None,
        "extension": _extra(row, "residence", "complex_multidisciplinary_care"),
    }


def coverage_resource(row: Coverage, id_: str) -> Json:
    names = {"medicare_ffs": "Medicare Part B", "medicare_advantage": "Medicare Advantage", "medicaid": "Medicaid"}
    return {
        "resourceType": "Coverage",
        "id": id_,
        "status": "active",
        "subscriberId": row.member_id,
        "beneficiary": _to("Patient", row.patient_id),
        "payor": [{"display": names.get(row.payer, row.plan or "commercial plan")}],
        "period": _period(row.since, row.until),
        "order": row.rank,
        "extension": _extra(row, "payer", "plan", "part_b", "qmb", "member_id"),
    }


def condition_resource(row: Condition, id_: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": id_,
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "resolved" if row.until else "active"}]},
        "verificationStatus": {"coding": [{"system": _VERIFIED, "code": "confirmed"}]},
        "code": {"coding": [{"system": ICD10, "code": row.icd10}]},
        "subject": _to("Patient", row.patient_id),
        "onsetDateTime": _day(row.since),
        "abatementDateTime": _day(row.until),
        "extension": _extra(row, "chronic", "expected_months", "significant_risk", "complex"),
    }


def visit_resource(row: Visit, id_: str) -> Json:
    kind = "VR" if row.telehealth else "AMB"
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": {"system": _ACT, "code": kind},
        "type": [{"coding": [{"system": CPT, "code": row.code}]}] if row.code else None,
        "subject": _to("Patient", row.patient_id),
        "participant": [{"individual": _to("Practitioner", row.practitioner)}],
        "period": _period(row.on, row.on),
        "extension": _extra(row, "face_to_face", "discussed", "need_and_plan_documented", "telehealth"),
    }


def stay_resource(row: Stay, id_: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished" if row.until else "in-progress",
        "class": {"system": _ACT, "code": _CLASS.get(row.kind, "IMP")},
        "subject": _to("Patient", row.patient_id),
        "period": _period(row.since, row.until),
        "extension": _extra(row, "kind", "facility_paid_for_care_management"),
    }


def care_plan_resource(row: CarePlan, id_: str) -> Json:
    return {
        "resourceType": "CarePlan",
        "id": id_,
        "status": "active",
        "intent": "plan",
        "subject": _to("Patient", row.patient_id),
        "period": _period(row.established_on, None),
        "author": _to("Practitioner", row.signed_by),
        "extension": _extra(
            row,
            "program",
            "reviewed_on",
            "revised_on",
            "copy_given_on",
            "elements",
            "revision",
            "delivered_by",
            "signed_by",
        ),
    }


def goal_resource(row: Goal, id_: str) -> Json:
    return {
        "resourceType": "Goal",
        "id": row.goal_id,
        "lifecycleStatus": "active",
        "description": {"text": row.text},
        "subject": _to("Patient", row.patient_id),
        "target": [
            {"measure": {"text": row.measure or "measure"}, "detailString": row.target, "dueDate": _day(row.due_on)}
        ],
        "statusDate": _day(row.reviewed_on),
        "extension": _extra(row, "measure", "status", "condition"),
    }


def consent_resource(row: Consent, id_: str) -> Json:
    return {
        "resourceType": "Consent",
        "id": id_,
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]},
        "category": [{"text": "care management"}],
        "patient": _to("Patient", row.patient_id),
        "dateTime": _day(row.given_on),
        "performer": [_to("Practitioner", row.practitioner)] if row.practitioner else None,
        "policyRule": {"coding": [{"system": _ACT, "code": "OPTOUT" if row.revoked_on else "OPTIN"}]},
        "extension": _extra(
            row, "program", "form", "documented", "covers", "revoked_on", "recorded_by", "practitioner"
        ),
    }


_BUILDERS: Mapping[str, Callable[[Any, str], Json]] = {
    "coverage": coverage_resource,
    "conditions": condition_resource,
    "visits": visit_resource,
    "stays": stay_resource,
    "care_plans": care_plan_resource,
    "goals": goal_resource,
    "consents": consent_resource,
}


def _extra(row: Any, *names: str) -> list[Json]:
    known = {column.name for column in fields(row)}
    return [
        own_extension(name, getattr(row, name))
        for name in names
        if name in known and getattr(row, name) not in (None, ())
    ]


def _identifiers(*pairs: tuple[str, str | None]) -> list[Json]:
    return [{"system": system, "value": value} for system, value in pairs if value]


def _to(kind: str, id_: str | None) -> Json | None:
    return {"reference": f"{kind}/{id_}"} if id_ else None


def _period(since: date | None, until: date | None) -> Json | None:
    return filled({"start": _day(since), "end": _day(until)}) or None


def _phone(phone: str | None) -> list[Json]:
    return [{"system": "phone", "value": phone}] if phone else []


def _address(row: Any) -> list[Json]:
    if not row.address:
        return []
    return [{"line": [row.address], "city": row.city, "state": row.state, "postalCode": row.zip}]


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def filled(value: Any) -> Any:
    """A resource without empty elements, which FHIR forbids."""
    if isinstance(value, dict):
        return {key: kept for key, inner in value.items() if (kept := filled(inner)) not in (None, "", [], {})}
    if isinstance(value, list):
        return [kept for inner in value if (kept := filled(inner)) not in (None, "", [], {})]
    return value
