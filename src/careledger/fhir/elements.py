"""Small readings of FHIR elements: codes, days, references, texts, and our own extensions.

FHIR has no element for some of what care management records (that a condition carries significant risk, what a consent
covered). Those travel in extensions under ``EXTENSION``, named after the record's field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import Field
from datetime import date
from typing import Any

from careledger.core.codes import icd10_plain, icd10_problem

Json = dict[str, Any]
EXTENSION = "https://careledger.org/fhir/StructureDefinition/"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
NPI = "http://hl7.org/fhir/sid/us-npi"
MBI = "http://hl7.org/fhir/sid/us-mbi"
EIN = "urn:oid:2.16.840.1.113883.4.4"
NUCC = "http://nucc.org/provider-taxonomy"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def codings(concept: Any, system: str = "") -> Iterator[Json]:
    """Codings of a CodeableConcept (or list of them), of one system when named."""
    for one in concept if isinstance(concept, list) else [concept]:
        for coding in (one or {}).get("coding") or [] if isinstance(one, dict) else []:
            if isinstance(coding, dict) and (not system or coding.get("system") == system):
                yield coding


def code_of(concept: Any, system: str = "") -> str | None:
    """The first code of a concept in a system."""
    return next((str(coding["code"]) for coding in codings(concept, system) if coding.get("code")), None)


def words_of(concept: Any) -> str:
    """Everything a concept (or list of them) says in words, lower case."""
    parts = [str(coding.get("display") or "") for coding in codings(concept)]
    parts += [
        str(one.get("text") or "")
        for one in (concept if isinstance(concept, list) else [concept])
        if isinstance(one, dict)
    ]
    return " ".join(part for part in parts if part).lower()


def text_of(concept: Any) -> str | None:
    """The text of a concept, else its first display."""
    if not isinstance(concept, dict):
        return None
    display = next((str(coding["display"]) for coding in codings(concept) if coding.get("display")), None)
    return str(concept["text"]) if concept.get("text") else display


def day_of(value: Any) -> date | None:
    """The calendar day of a FHIR date or dateTime as written; None when there is no full day."""
    if not isinstance(value, str) or _DAY.match(value) is None:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def identifier_of(resource: Json, system: str, type_code: str = "") -> str | None:
    """The value of the identifier of a system, or of a type code."""
    for identifier in resource.get("identifier") or []:
        if not isinstance(identifier, dict) or not identifier.get("value"):
            continue
        typed = type_code and type_code in [coding.get("code") for coding in codings(identifier.get("type"))]
        if identifier.get("system") == system or typed:
            return str(identifier["value"])
    return None


def icd10_of(concept: Any) -> str | None:
    """The concept's ICD-10-CM code, well formed, with its point."""
    for coding in codings(concept):
        code = str(coding.get("code") or "").upper()
        if str(coding.get("system") or "").startswith(ICD10) and icd10_problem(code) is None:
            plain = icd10_plain(code)
            return plain if len(plain) == 3 else f"{plain[:3]}.{plain[3:]}"
    return None


def own_values(resource: Json, columns: dict[str, Field[Any]]) -> dict[str, Any]:
    """Record fields carried in our extensions, read by the fields' types."""
    values: dict[str, Any] = {}
    for extension in resource.get("extension") or []:
        name = str(extension.get("url") or "").removeprefix(EXTENSION)
        if not str(extension.get("url") or "").startswith(EXTENSION) or name not in columns:
            continue
        values[name] = _value(extension, str(columns[name].type))
    return {name: value for name, value in values.items() if value is not None}


def own_extension(name: str, value: Any) -> Json:
    """A record field as an extension."""
    url = EXTENSION + name
    if isinstance(value, bool):
        return {"url": url, "valueBoolean": value}
    if isinstance(value, int):
        return {"url": url, "valueInteger": value}
    if isinstance(value, date):
        return {"url": url, "valueDate": value.isoformat()}
    return {"url": url, "valueString": " ".join(value) if isinstance(value, tuple) else str(value)}


def _value(extension: Json, type_: str) -> Any:
    found = next((value for key, value in extension.items() if key.startswith("value")), None)
    if type_.startswith("tuple"):
        return tuple(str(found).split()) if found is not None else None
    if type_.startswith("date"):
        return day_of(found)
    return None if isinstance(found, dict | list) else found
