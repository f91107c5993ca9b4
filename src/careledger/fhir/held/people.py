"""Practices and their people: Organization, Practitioner, PractitionerRole."""

from __future__ import annotations

from collections.abc import Sequence

from careledger.core.records import Person, Practice
from careledger.fhir.held.finish import Json, Stamp, finished, ours, to
from careledger.fhir.writer import person_resources, practice_resource


def organization(row: Practice, code: str, stamp: Stamp) -> Json:
    """A practice."""
    resource = practice_resource(row)
    typed = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}]}
    return finished(
        {**resource, "identifier": [ours("Organization", code), *resource["identifier"]], "type": [typed]}, stamp
    )


def practitioner(row: Person, code: str, stamp: Stamp) -> Json:
    """Someone who bills, treats or logs time."""
    resource = next(one for one in person_resources(row) if one["resourceType"] == "Practitioner")
    name = resource["name"] if row.name else None
    return finished(
        {**resource, "identifier": [ours("Practitioner", code), *resource["identifier"]], "name": name}, stamp
    )


def role(row: Person, practice: Practice, words: Sequence[str], stamp: Stamp) -> Json:
    """A person's place in a practice; reached by the practice's telephone.

    Args:
        words: the profession, and the specialty where one is told.
    """
    resource = next(one for one in person_resources(row) if one["resourceType"] == "PractitionerRole")
    codes = [*(resource["code"] or []), {"text": words[0]}]
    return finished(
        {
            **resource,
            "id": row.person_id,
            "active": True,
            "practitioner": to("Practitioner", row.person_id, row.name),
            "organization": to("Organization", row.practice_id, practice.name),
            "code": codes,
            "specialty": [{"text": word} for word in words[1:]],
            "telecom": [{"system": "phone", "value": practice.phone, "use": "work"}] if practice.phone else None,
        },
        stamp,
    )
