"""Patient and Coverage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from careledger.core.records import Coverage, Patient
from careledger.fhir.context import Context, Json
from careledger.fhir.elements import MBI, code_of, codings, day_of, identifier_of, own_values, words_of
from careledger.fhir.map_people import address_of, phone_of

PATIENT = {column.name: column for column in fields(Patient)}
COVERAGE = {column.name: column for column in fields(Coverage)}


def patients(context: Context) -> Iterator[tuple[str, Patient]]:
    """Every patient; a death without its day is reported, not guessed."""
    for resource in context.all("Patient"):
        name: Json = next(
            (one for one in resource.get("name") or [] if one.get("use") in (None, "official", "usual")), {}
        )
        values: dict[str, Any] = {
            "patient_id": resource["id"],
            "born_on": day_of(resource.get("birthDate")),
            "died_on": day_of(resource.get("deceasedDateTime")),
            "family_name": name.get("family"),
            "given_name": " ".join(str(part) for part in name.get("given") or []) or None,
            "sex": resource.get("gender") if resource.get("gender") in ("female", "male", "unknown") else None,
            "phone": phone_of(resource),
            "language": _language(resource),
            **address_of(next(iter(resource.get("address") or []), {})),
        }
        if resource.get("deceasedBoolean") is True:
            context.skip("Patient", "deceased without a day: record the day of death")
        yield resource["id"], Patient(**{**values, **own_values(resource, PATIENT)})


def coverages(context: Context) -> Iterator[tuple[str, Coverage]]:
    """Coverages in force or ended; the payer kind from type, payor and class. Cancelled drafts are skipped."""
    for resource in context.all("Coverage"):
        patient = context.id_of(resource.get("beneficiary"), "Patient")
        if patient is None:
            context.skip("Coverage", "its patient is not here")
            continue
        if resource.get("status") in ("draft", "entered-in-error"):
            context.skip("Coverage", f"status {resource['status']}")
            continue
        said = _said(context, resource)
        period = resource.get("period") or {}
        kind = payer_kind(resource, said)
        values: dict[str, Any] = {
            "patient_id": patient,
            "payer": kind,
            "plan": None if kind in ("medicare_ffs", "medicaid") else _plan(context, resource),
            "member_id": _member(context, resource, patient, kind),
            "since": day_of(period.get("start")),
            "until": day_of(period.get("end")),
            "part_b": True if kind == "medicare_ffs" and "part b" in said else None,
            "rank": int(resource.get("order") or 1),
        }
        yield resource["id"], Coverage(**{**values, **own_values(resource, COVERAGE)})


def payer_kind(resource: Json, said: str) -> str:
    """medicare_ffs, medicare_advantage, medicaid or commercial.

    Source of payment typology codes and the words of payor, type and class are read; a managed Medicare plan is
    Medicare Advantage, everything that names neither Medicare nor Medicaid is commercial.
    """
    typed = {str(coding.get("code") or "") for coding in codings(resource.get("type"))}
    managed = any(word in said for word in ("advantage", "part c", "managed care", "medicare hmo", "medicare ppo"))
    if "medicare" in said or typed & {"1", "11", "12", "MEDICARE"}:
        return "medicare_advantage" if managed or typed & {"11", "111", "112", "MCPOL"} else "medicare_ffs"
    if "medicaid" in said or typed & {"2", "21", "22", "MEDICAID"}:
        return "medicaid"
    return "commercial"


def _said(context: Context, resource: Json) -> str:
    payors = [str(ref.get("display") or "") for ref in resource.get("payor") or []]
    payors += [str((context.get(ref, "Organization") or {}).get("name") or "") for ref in resource.get("payor") or []]
    classes = [f"{one.get('name') or ''} {one.get('value') or ''}" for one in resource.get("class") or []]
    return " ".join([*payors, *classes, words_of(resource.get("type"))]).lower()


def _plan(context: Context, resource: Json) -> str | None:
    name = next((one.get("name") for one in resource.get("class") or [] if one.get("name")), None)
    payor = next((ref.get("display") for ref in resource.get("payor") or [] if ref.get("display")), None)
    said = str(name or payor or "")
    return "".join(c if c.isalnum() else "_" for c in said.lower()).strip("_") or None


def _member(context: Context, resource: Json, patient: str, kind: str) -> str | None:
    """The member number; for Medicare the beneficiary identifier, from the coverage or the patient."""
    if kind in ("medicare_ffs", "medicare_advantage"):
        person = context.by_type["Patient"][patient].resource
        mbi = identifier_of(person, MBI, "MC") or identifier_of(resource, MBI, "MC")
        if mbi or kind == "medicare_ffs":
            return mbi or resource.get("subscriberId")
    return resource.get("subscriberId") or identifier_of(resource, "", "MB")


def _language(resource: Json) -> str | None:
    for one in resource.get("communication") or []:
        code = code_of(one.get("language"))
        if code:
            return code
    return None
