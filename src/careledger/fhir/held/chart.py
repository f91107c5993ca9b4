"""The chart: Patient, Coverage, Condition, Encounter."""

from __future__ import annotations

from collections.abc import Sequence

from careledger.core.records import Condition, Coverage, Patient, Stay, Visit
from careledger.fhir.elements import MBI
from careledger.fhir.held.finish import ACT, Json, Stamp, coded, finished, ours, to
from careledger.fhir.writer import (
    condition_resource,
    coverage_resource,
    patient_resource,
    stay_resource,
    visit_resource,
)

_ROLES = "http://terminology.hl7.org/CodeSystem/v2-0203"
_PAYERS = {
    "medicare_ffs": ("12", "Medicare"),
    "medicare_advantage": ("11", "Medicare Advantage"),
    "medicaid": ("2", "Medicaid"),
}
"""Payer kind to the code of the Source of Payment Typology (NAHDO) and the name of who pays; others are private insurance."""
_PRIVATE = ("5", "commercial plan")
_CLASS_WORDS = {
    "AMB": "ambulatory",
    "VR": "virtual",
    "IMP": "inpatient encounter",
    "OBSENC": "observation encounter",
    "EMER": "emergency",
}


def patient(
    row: Patient, code: str, coverage: Sequence[Coverage], billers: Sequence[str], practice: str | None, stamp: Stamp
) -> Json:
    """A patient, with the beneficiary identifier of a Medicare coverage and the practitioners who bill.

    Args:
        code: the patient's id in the practice, or in the record system the patient was imported from.
    """
    mbi = next((one.member_id for one in coverage if one.payer.startswith("medicare") and one.member_id), None)
    resource = patient_resource(row, None, list(billers))
    medicare = {**_typed("MC"), "system": MBI, "value": mbi} if mbi else None
    named = bool(row.family_name or row.given_name)
    return finished(
        {
            **resource,
            "active": row.died_on is None,
            "identifier": [{**_typed("MR"), **ours("Patient", code)}, *([medicare] if medicare else [])],
            "name": resource["name"] if named else None,
            "managingOrganization": to("Organization", practice),
        },
        stamp,
    )


def coverage(row: Coverage, id_: str, stamp: Stamp) -> Json:
    """Who pays: the payer stands inside the resource, since payers are no organisations of ours."""
    code, name = _PAYERS.get(row.payer, _PRIVATE)
    payer = {
        "resourceType": "Organization",
        "id": "payer",
        "active": True,
        "name": row.plan or name,
        "type": [coded("http://terminology.hl7.org/CodeSystem/organization-type", "pay")],
    }
    resource = coverage_resource(row, id_)
    return finished(
        {
            **resource,
            "contained": [payer],
            "type": coded("https://nahdo.org/sopt", code, text=name),
            "identifier": [{**_typed("MB"), "value": row.member_id}] if row.member_id else None,
            "relationship": coded("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
            "payor": [{"reference": "#payer", "display": resource["payor"][0]["display"]}],
        },
        stamp,
    )


def condition(row: Condition, id_: str, stamp: Stamp) -> Json:
    """A diagnosis of the problem list."""
    problem = coded("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")
    return finished({**condition_resource(row, id_), "category": [problem]}, stamp)


def visit(row: Visit, id_: str, stamp: Stamp) -> Json:
    """An encounter with a practitioner."""
    return finished(_with_class(visit_resource(row, id_)), stamp)


def stay(row: Stay, id_: str, stamp: Stamp) -> Json:
    """Days in a facility."""
    return finished({**_with_class(stay_resource(row, id_)), "type": [{"text": row.kind.replace("_", " ")}]}, stamp)


def _with_class(resource: Json) -> Json:
    code = resource["class"]["code"]
    return {**resource, "class": {"system": ACT, "code": code, "display": _CLASS_WORDS[code]}}


def _typed(code: str) -> Json:
    return {"type": coded(_ROLES, code)}
