"""Practitioner, PractitionerRole and Organization to people and practices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from careledger.core.codes import npi_problem
from careledger.core.records import Person, Practice
from careledger.fhir.context import Context, Json
from careledger.fhir.elements import EIN, NPI, NUCC, code_of, identifier_of, own_values, words_of

PERSON = {column.name: column for column in fields(Person)}
PRACTICE = {column.name: column for column in fields(Practice)}

_KINDS = (
    ("np", ("nurse practitioner", "np", "aprn", "fnp", "dnp")),
    ("pa", ("physician assistant", "pa", "pa-c")),
    ("cns", ("clinical nurse specialist", "cns")),
    ("cnm", ("nurse midwife", "cnm")),
    ("rn", ("registered nurse", "rn")),
    ("lpn", ("licensed practical nurse", "lpn", "lvn")),
    ("ma", ("medical assistant", "ma", "cma", "rma")),
    ("pharmacist", ("pharmacist", "pharmd", "rph")),
    ("lcsw", ("licensed clinical social worker", "lcsw")),
    ("social_worker", ("social worker", "msw")),
    ("psychologist", ("psychologist", "psyd")),
    ("dietitian", ("dietitian", "rd")),
    ("chw", ("community health worker", "chw")),
    ("physician", ("physician", "doctor", "md", "do", "mbbs")),
)
_BY_TAXONOMY = {"207": "physician", "208": "physician", "363L": "np", "363A": "pa", "364S": "cns", "163W": "rn",
                "164W": "lpn", "1835": "pharmacist", "1041": "social_worker", "103T": "psychologist", "1744": "other"}  # fmt: skip


def people(context: Context) -> Iterator[tuple[str, Person]]:
    """Every practitioner, with the practice and specialty of the first role that names them."""
    roles, hosts = _roles(context), _hosts(context)
    for resource in context.all("Practitioner"):
        role = roles.get(resource["id"], {})
        practice = context.id_of(role.get("organization"), "Organization") or hosts.get(resource["id"])
        values: dict[str, Any] = {
            "person_id": resource["id"],
            "kind": _kind(resource, role),
            "practice_id": practice,
            "specialty": words_of(role.get("specialty")).replace(" ", "_") or None,
            "name": _name(resource),
            "credential": _credential(resource),
            "npi": _npi(resource),
            "taxonomy": code_of(role.get("code"), NUCC) or code_of(role.get("specialty"), NUCC),
        }
        if values["kind"] == "other":
            context.skip("Practitioner", "profession not known: kept as a person whose time does not count")
        yield resource["id"], Person(**{**values, **own_values(resource, PERSON)})


def practices(context: Context, used: set[str]) -> Iterator[tuple[str, Practice]]:
    """Organizations that people work in; others (payers, hospitals) are no practices of ours."""
    for resource in context.all("Organization"):
        if resource["id"] not in used:
            context.skip("Organization", "no practice of the people imported")
            continue
        address: Json = next(iter(resource.get("address") or []), {})
        values: dict[str, Any] = {
            "practice_id": resource["id"],
            "name": resource.get("name"),
            "npi": _npi(resource),
            "tax_id": (identifier_of(resource, EIN) or "").replace("-", "") or None,
            "phone": phone_of(resource),
            **address_of(address),
        }
        yield resource["id"], Practice(**{**values, **own_values(resource, PRACTICE)})


def address_of(address: Json) -> Json:
    """The columns of an address."""
    return {
        "address": " ".join(str(line) for line in address.get("line") or []) or None,
        "city": address.get("city"),
        "state": address.get("state"),
        "zip": address.get("postalCode"),
    }


def phone_of(resource: Json) -> str | None:
    """The first telephone number, digits only."""
    for point in resource.get("telecom") or []:
        if point.get("system") == "phone" and point.get("value"):
            return "".join(figure for figure in str(point["value"]) if figure.isdigit()) or None
    return None


def _roles(context: Context) -> dict[str, Json]:
    roles: dict[str, Json] = {}
    for role in context.all("PractitionerRole"):
        person = context.id_of(role.get("practitioner"), "Practitioner")
        if person is not None:
            roles.setdefault(person, role)
    return roles


def _hosts(context: Context) -> dict[str, str]:
    """Where people without a role work: the organization that provided most of their encounters."""
    seen: dict[str, Counter[str]] = {}
    for encounter in context.all("Encounter"):
        host = context.id_of(encounter.get("serviceProvider"), "Organization")
        for part in encounter.get("participant") or []:
            person = context.id_of(part.get("individual"), "Practitioner")
            if person and host:
                seen.setdefault(person, Counter())[host] += 1
    return {person: counts.most_common(1)[0][0] for person, counts in seen.items()}


def _npi(resource: Json) -> str | None:
    """The NPI as written; a wrong check digit is kept, for the claim check that holds it tells the biller."""
    npi = identifier_of(resource, NPI, "NPI")
    return npi if npi and (npi_problem(npi) is None or (len(npi) == 10 and npi.isdigit())) else None


def _name(resource: Json) -> str | None:
    name: Json = next(iter(resource.get("name") or []), {})
    return " ".join([*(str(part) for part in name.get("given") or []), str(name.get("family") or "")]).strip() or None


def _credential(resource: Json) -> str | None:
    suffixes = [str(part) for name in resource.get("name") or [] for part in name.get("suffix") or []]
    return " ".join(suffixes) or None


def _kind(resource: Json, role: Json) -> str:
    """The profession, from qualifications, suffixes, taxonomy and role; ``other`` when none tells it."""
    told = [words_of(one.get("code")) for one in resource.get("qualification") or [] if isinstance(one, dict)]
    told += [words_of(role.get("code")), (_credential(resource) or "").lower().replace(".", "")]
    words = " ".join(told).replace(",", " ")
    for kind, names in _KINDS:
        if any(name in words if " " in name else name in words.split() for name in names):
            return kind
    taxonomy = code_of(role.get("code"), NUCC) or code_of(role.get("specialty"), NUCC) or ""
    known = next((kind for start, kind in _BY_TAXONOMY.items() if taxonomy.startswith(start)), None)
    if known:
        return known
    titled = any("dr" in str(part).lower() for name in resource.get("name") or [] for part in name.get("prefix") or [])
    return "physician" if titled else "other"
