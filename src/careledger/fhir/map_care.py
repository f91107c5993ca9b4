"""Condition, Encounter, CarePlan, Goal and Consent."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from careledger.core.records import CarePlan, Condition, Consent, Goal, Stay, Visit
from careledger.fhir.codes import chronic_basis, icd10_for
from careledger.fhir.context import Context, Json
from careledger.fhir.elements import (
    CPT,
    HCPCS,
    SNOMED,
    code_of,
    day_of,
    icd10_of,
    own_values,
    text_of,
    words_of,
)

_COLUMNS = {
    record: {column.name: column for column in fields(record)}
    for record in (Condition, Visit, Stay, CarePlan, Goal, Consent)
}
_STAYS = {"IMP": "inpatient", "ACUTE": "inpatient", "NONAC": "inpatient", "OBSENC": "observation", "EMER": "emergency"}
_PROGRAM_WORDS = (
    ("ccm", ("chronic care management",)),
    ("pcm", ("principal care management",)),
    ("apcm", ("advanced primary care management",)),
    ("bhi", ("behavioral health integration",)),
    ("cpo", ("care plan oversight",)),
)


def conditions(context: Context) -> Iterator[tuple[str, Condition]]:
    """Active or resolved diagnoses; refuted and mistaken ones are skipped, unknown SNOMED codes are counted."""
    for resource, patient in _of_patients(context, "Condition"):
        if code_of(resource.get("verificationStatus")) in ("refuted", "entered-in-error"):
            context.skip("Condition", "refuted or entered in error")
            continue
        snomed = code_of(resource.get("code"), SNOMED)
        icd10 = icd10_of(resource.get("code")) or (icd10_for(snomed) if snomed else None)
        if icd10 is None:
            context.skip("Condition", "no ICD-10-CM code, and our SNOMED table does not know it: see unmapped codes")
            context.unmapped[snomed or "no code", text_of(resource.get("code")) or ""] += 1
            continue
        basis = chronic_basis(icd10)
        values: dict[str, Any] = {
            "patient_id": patient,
            "icd10": icd10,
            "chronic": True if len(basis) == 2 else None if basis else False,
            "chronic_basis": basis,
            "since": day_of(resource.get("onsetDateTime")) or day_of(resource.get("recordedDate")),
            "until": day_of(resource.get("abatementDateTime")) or _ended(resource),
        }
        own = own_values(resource, _COLUMNS[Condition])
        if own.get("chronic") is not None:
            values["chronic_basis"] = (*basis, "clinician")
        yield resource["id"], Condition(**{**values, **own})


def visits(context: Context) -> Iterator[tuple[str, Visit]]:
    """Ambulatory, home and virtual encounters with the practitioner who took part."""
    for resource, patient in _of_patients(context, "Encounter"):
        kind = str((resource.get("class") or {}).get("code") or "")
        if kind in _STAYS:
            continue
        person = next(
            (
                p
                for one in resource.get("participant") or []
                if (p := context.id_of(one.get("individual"), "Practitioner"))
            ),
            None,
        )
        day = day_of((resource.get("period") or {}).get("start"))
        if resource.get("status") not in ("finished", "in-progress", None) or day is None or person is None:
            context.skip("Encounter", "not finished, without a day, or without a practitioner who is here")
            continue
        values: dict[str, Any] = {
            "patient_id": patient,
            "practitioner": person,
            "on": day,
            "code": code_of(resource.get("type"), CPT) or code_of(resource.get("type"), HCPCS),
            "face_to_face": True if kind in ("AMB", "HH", "FLD", "SS") else None,
            "telehealth": True if kind == "VR" else None,
        }
        yield resource["id"], Visit(**{**values, **own_values(resource, _COLUMNS[Visit])})


def stays(context: Context) -> Iterator[tuple[str, Stay]]:
    """Inpatient, observation and emergency encounters, from admission to discharge."""
    for resource, patient in _of_patients(context, "Encounter"):
        kind = _STAYS.get(str((resource.get("class") or {}).get("code") or ""))
        period = resource.get("period") or {}
        since = day_of(period.get("start"))
        if kind is None or since is None:
            continue
        said = words_of(resource.get("type"))
        if kind == "inpatient" and "skilled nursing" in said:
            kind = "snf_part_a"
        values: dict[str, Any] = {
            "patient_id": patient,
            "kind": kind,
            "since": since,
            "until": day_of(period.get("end")),
        }
        yield resource["id"], Stay(**{**values, **own_values(resource, _COLUMNS[Stay])})


def care_plans(context: Context) -> Iterator[tuple[str, CarePlan]]:
    """Plans of a care-management program; a plan that names no program (a diet, an allergy) is counted and left."""
    for resource, patient in _of_patients(context, "CarePlan"):
        own = own_values(resource, _COLUMNS[CarePlan])
        program = own.get("program") or program_of(
            f"{words_of(resource.get('category'))} {resource.get('title') or ''}"
        )
        if program is None:
            context.skip("CarePlan", "names no care-management program")
            continue
        period = resource.get("period") or {}
        values: dict[str, Any] = {
            "patient_id": patient,
            "program": program,
            "established_on": day_of(period.get("start")) or day_of(resource.get("created")),
            "signed_by": context.id_of(resource.get("author"), "Practitioner"),
        }
        yield resource["id"], CarePlan(**{**values, **own})


def goals(context: Context) -> Iterator[tuple[str, Goal]]:
    """Goals with measure, target and due day where they are told."""
    for resource, patient in _of_patients(context, "Goal"):
        text, measure, target = _told(resource)
        aim: Json = next(iter(resource.get("target") or []), {})
        values: dict[str, Any] = {
            "goal_id": resource["id"],
            "patient_id": patient,
            "text": text,
            "measure": text_of(aim.get("measure")) or measure,
            "target": _target(aim) or target,
            "due_on": day_of(aim.get("dueDate")),
            "status": code_of(resource.get("achievementStatus")) or resource.get("lifecycleStatus"),
            "reviewed_on": day_of(resource.get("statusDate")),
        }
        yield resource["id"], Goal(**{**values, **own_values(resource, _COLUMNS[Goal])})


def consents(context: Context) -> Iterator[tuple[str, Consent]]:
    """Consents to a care-management program; others (privacy, research) are counted and left."""
    for resource, patient in _of_patients(context, "Consent", "patient"):
        own = own_values(resource, _COLUMNS[Consent])
        program = own.get("program") or program_of(
            words_of(resource.get("category")) + " " + words_of(resource.get("scope"))
        )
        if program is None or resource.get("status") in ("draft", "rejected", "entered-in-error"):
            context.skip("Consent", "names no care-management program, or is no consent in force")
            continue
        performer = next(iter(resource.get("performer") or []), None)
        values: dict[str, Any] = {
            "patient_id": patient,
            "program": program,
            "given_on": day_of(resource.get("dateTime")),
            "documented": True,
            "practitioner": context.id_of(performer, "Practitioner"),
        }
        yield resource["id"], Consent(**{**values, **own})


def program_of(words: str) -> str | None:
    """The program a plan or consent names in words."""
    plain = words.lower()
    return next((program for program, names in _PROGRAM_WORDS if any(name in plain for name in names)), None)


def _of_patients(context: Context, kind: str, key: str = "subject") -> Iterator[tuple[Json, str]]:
    for resource in context.all(kind):
        patient = context.id_of(resource.get(key), "Patient")
        if patient is None:
            context.skip(kind, "its patient is not here")
        else:
            yield resource, patient


def _ended(resource: Json) -> Any:
    """A resolved diagnosis without its day has ended by the day it was recorded."""
    if code_of(resource.get("clinicalStatus")) in ("resolved", "inactive", "remission"):
        return day_of(resource.get("recordedDate"))
    return None


def _told(resource: Json) -> tuple[str, str | None, str | None]:
    """The goal in words; a description that is a Python dictionary in text is read for its measure and value."""
    text = text_of(resource.get("description")) or "goal without words"
    if not text.startswith("{") or len(text) > 4000:
        return text, None, None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text, None, None
    seen = found.get("observation") if isinstance(found, dict) else None
    if not isinstance(seen, dict):
        return str(found.get("text") or text) if isinstance(found, dict) else text, None, None
    codes = seen.get("codes")
    code: Json = codes[0] if isinstance(codes, list) and codes and isinstance(codes[0], dict) else {}
    measure = str(code.get("display") or "measure")
    target = f"{seen.get('operator') or ''} {seen.get('value') or ''}".strip()
    return f"{measure} {target}".strip(), measure, target or None


def _target(aim: Json) -> str | None:
    if isinstance(aim.get("detailString"), str):
        return str(aim["detailString"])
    quantity = aim.get("detailQuantity") or (aim.get("detailRange") or {}).get("high")
    if not isinstance(quantity, dict) or quantity.get("value") is None:
        return None
    return " ".join(str(part) for part in (quantity.get("comparator"), quantity["value"], quantity.get("unit")) if part)
