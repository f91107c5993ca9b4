"""What a FHIR server says of itself and around resources: CapabilityStatement, SMART configuration, Bundle, OperationOutcome.

Sources: HL7 FHIR R4 (http.html, search.html), SMART App Launch 2.2 (conformance), Bulk Data Access 2.0 (export).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from careledger.fhir.held.finish import Json, instant
from careledger.fhir.held.profiles import PROFILES
from careledger.fhir.writer import filled

FHIR_JSON = "application/fhir+json"
_SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_BULK = "http://hl7.org/fhir/uv/bulkdata/"
SIGNATURES = ("RS384", "ES384")
"""Signatures a client may sign in with: those SMART asks every server to know."""


@dataclass(frozen=True, slots=True)
class Served:
    """A type of resource as it is served.

    Attributes:
        search: parameter to its FHIR type (token, reference, date, string).
        includes: ``Type:parameter`` of references whose targets may come along.
        sorts: parameters that a search may be sorted by.
        is_versioned: resources name their version.
        writes: interactions beyond reading and searching.
        operations: names of operations on the type.
    """

    name: str
    search: Mapping[str, str]
    writes: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    is_versioned: bool = True


def capability(base: str, version: str, published: date, types: Sequence[Served]) -> Json:
    """The CapabilityStatement of this server."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": published.isoformat(),
        "kind": "instance",
        "software": {"name": "CareLedger", "version": version},
        "implementation": {"description": "A care-management clinic", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", FHIR_JSON],
        "instantiates": [f"{_BULK}CapabilityStatement/bulk-data"],
        "rest": [
            {
                "mode": "server",
                "documentation": _HOW,
                "security": {
                    "service": [{"coding": [{"system": _SECURITY, "code": "SMART-on-FHIR"}]}],
                    "description": "Bearer tokens: SMART Backend Services, or an API token with a system scope.",
                },
                "resource": [_resource(one) for one in types],
                "operation": [{"name": "export", "definition": f"{_BULK}OperationDefinition/export"}],
            }
        ],
    }


_HOW = (
    "A page holds 50 matches unless _count asks for fewer or for up to 200; follow the links of the Bundle. _sort takes the "
    "parameters each type names, with - before one for the latest first; what has no date comes last. Included resources count "
    "for no page and must lie within the token's scopes and patients. A parameter, _sort or _include that is not named here is "
    "refused (Prefer: handling=strict, and without the header), or left out and told of in an OperationOutcome of the Bundle "
    "(Prefer: handling=lenient). Modifiers, chains, _revinclude, _summary and _elements are not supported. No history is "
    "kept: _history/VERSION gives the current version and no other. JSON only; a date parameter is read as a day."
)
"""How searches and versions work here, in the CapabilityStatement's words."""


def _resource(one: Served) -> Json:
    acts = ("read", *(["search-type"] if one.search else []), *one.writes)
    update = "versioned-update" if "update" in one.writes else "versioned" if one.is_versioned else "no-version"
    named = [{"name": name, "type": kind} for name, kind in one.search.items()]
    operations = [{"name": name, "definition": f"{_BULK}OperationDefinition/{one.name.lower()}-{name}"} for name in one.operations]  # fmt: skip
    found: Json = filled(
        {
            "type": one.name,
            "supportedProfile": [profile.url for profile in PROFILES.get(one.name, ())],
            "documentation": f"_sort: {', '.join(one.sorts)}" if one.sorts else None,
            "interaction": [{"code": code} for code in acts],
            "versioning": update,
            "readHistory": False,
            "updateCreate": False,
            "conditionalCreate": "create" in one.writes,
            "conditionalRead": "not-supported",
            "conditionalUpdate": False,
            "conditionalDelete": "not-supported",
            "referencePolicy": ["literal"],
            "searchInclude": list(one.includes),
            "searchParam": named,
            "operation": operations,
        }
    )
    return found


def smart_configuration(token_url: str, scopes: Iterable[str]) -> Json:
    """What a SMART client needs to know to sign in by itself (``.well-known/smart-configuration``)."""
    return {
        "token_endpoint": token_url,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNATURES),
        "scopes_supported": list(scopes),
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def searchset(
    base: str,
    found: Sequence[Json],
    total: int,
    links: Mapping[str, str],
    *,
    included: Sequence[Json] = (),
    outcomes: Sequence[Json] = (),
) -> Json:
    """A page of a search: what it found, what that refers to, and what is to be said of it. ``total`` counts matches alone."""

    def entry(one: Json, mode: str) -> Json:
        return {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": mode},
        }

    entries = [*(entry(one, "match") for one in found), *(entry(one, "include") for one in included)]
    entries += [{"resource": one, "search": {"mode": "outcome"}} for one in outcomes]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    return {**bundle, "entry": entries} if entries else bundle


def outcome(code: str, says: str, *, severity: str = "error", where: str = "") -> Json:
    """An OperationOutcome. ``code`` is of FHIR's issue types; ``says`` repeats nothing of what was sent."""
    issue: Json = {"severity": severity, "code": code, "diagnostics": says}
    return {"resourceType": "OperationOutcome", "issue": [{**issue, "expression": [where]} if where else issue]}


def manifest(
    request: str, at: datetime, files: Sequence[Mapping[str, Any]], deleted: Sequence[Mapping[str, Any]]
) -> Json:
    """What a finished bulk export holds; ``files`` and ``deleted`` have type, url and count."""
    return {
        "transactionTime": instant(at),
        "request": request,
        "requiresAccessToken": True,
        "output": [dict(one) for one in files],
        "deleted": [dict(one) for one in deleted],
        "error": [],
    }


def deletions(gone: Iterable[str]) -> Json:
    """The bundle by which an export tells what is no more: ``Type/id`` each."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": one}} for one in gone],
    }
