"""The last touch on every resource: nothing empty, when it changed, and the profiles it meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from careledger.fhir.held.profiles import claims
from careledger.fhir.server.outgoing import SYSTEM
from careledger.fhir.writer import filled

Json = dict[str, Any]
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LOINC = "http://loinc.org"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version of the record a resource tells of, and since when it stands; None where nobody noted it."""

    version: str | None = None
    at: datetime | None = None


def finished(resource: Json, stamp: Stamp) -> Json:
    """The resource as it goes out."""
    kept: Json = filled(resource)
    meta = filled({"versionId": stamp.version, "lastUpdated": instant(stamp.at), "profile": claims(kept)})
    head = {"resourceType": kept.pop("resourceType"), "id": kept.pop("id")}
    return {**head, **({"meta": meta} if meta else {}), **kept}


def instant(at: datetime | None) -> str | None:
    """A FHIR instant in UTC, to the microsecond, so that ``_since`` cuts where the log does."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ours(kind: str, value: str) -> Json:
    """An identifier in our own system, by which a receiver finds the resource again."""
    return {"system": f"{SYSTEM}{kind}", "value": value}


def to(kind: str, id_: str | None, display: str | None = None) -> Json | None:
    """A reference; None where nobody is meant."""
    return filled({"reference": f"{kind}/{id_}" if id_ else None, "display": display}) or None


def coded(system: str, code: str, text: str | None = None, display: str | None = None) -> Json:
    """A CodeableConcept of one coding."""
    found: Json = filled({"coding": [{"system": system, "code": code, "display": display}], "text": text})
    return found


def narrative(lines: Mapping[str, str | None]) -> Json:
    """A short narrative of names and values, escaped."""
    from html import escape

    told = "".join(f"<p>{escape(name)}: {escape(value)}</p>" for name, value in lines.items() if value)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{told or "<p>No details</p>"}</div>',
    }
