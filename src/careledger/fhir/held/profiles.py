"""Which profiles a resource meets. A profile is named in ``meta.profile`` only where everything it requires is there.

Sources: HL7 US Core 6.1 (its SHALL elements and invariants) and the HL7 MCC eCare Plan guide 1.0, which derives its care plan
and goal from US Core's and forbids ``CarePlan.activity.detail``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
MCC = "http://hl7.org/fhir/us/mcc/StructureDefinition/"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile asks beyond R4.

    Attributes:
        needs: paths that must be there, in every element of a list on the way; ``a|b`` is met by either.
        codes: path to (system, code), one of which must stand among the codings there.
        never: paths that must not be there.
    """

    url: str
    needs: tuple[str, ...]
    codes: Mapping[str, tuple[tuple[str, str], ...]] | None = None
    never: tuple[str, ...] = ()


_ASSESS_PLAN = {"category": (("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan"),)}
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_PROBLEM = {
    "category": (
        (_CATEGORY, "problem-list-item"),
        ("http://hl7.org/fhir/us/core/CodeSystem/condition-category", "health-concern"),
    )
}
_NOTE = {"category": (("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note"),)}
_PLAN = ("text.status", "text.div", "status", "intent", "category", "subject")
_GOAL = ("lifecycleStatus", "description", "subject")

PROFILES: Mapping[str, tuple[Profile, ...]] = {
    "Patient": (
        Profile(
            f"{US_CORE}us-core-patient",
            ("identifier", "identifier.system", "identifier.value", "name", "name.family|given", "gender"),
        ),
    ),
    "Coverage": (
        Profile(
            f"{US_CORE}us-core-coverage",
            ("status", "identifier|subscriberId", "relationship", "beneficiary", "payor"),
        ),
    ),
    "Condition": (
        Profile(f"{US_CORE}us-core-condition-problems-health-concerns", ("category", "code", "subject"), _PROBLEM),
    ),
    "Encounter": (Profile(f"{US_CORE}us-core-encounter", ("status", "class", "type", "subject")),),
    "CarePlan": (
        Profile(f"{US_CORE}us-core-careplan", _PLAN, _ASSESS_PLAN),
        Profile(f"{MCC}mccCarePlan", (*_PLAN, "author", "careTeam", "addresses"), _ASSESS_PLAN, ("activity.detail",)),
    ),
    "CareTeam": (
        Profile(f"{US_CORE}us-core-careteam", ("subject", "participant", "participant.role", "participant.member")),
    ),
    "Goal": (
        Profile(f"{US_CORE}us-core-goal", _GOAL),
        Profile(f"{MCC}MCCGoal", (*_GOAL, "achievementStatus", "addresses")),
    ),
    "DocumentReference": (
        Profile(
            f"{US_CORE}us-core-documentreference",
            ("status", "type.coding", "category", "subject", "content.attachment.url|data"),
            _NOTE,
        ),
    ),
    "Practitioner": (
        Profile(
            f"{US_CORE}us-core-practitioner",
            ("identifier", "identifier.system", "identifier.value", "name", "name.family"),
        ),
    ),
    "PractitionerRole": (
        Profile(f"{US_CORE}us-core-practitionerrole", ("practitioner|organization", "telecom|endpoint")),
    ),
    "Organization": (Profile(f"{US_CORE}us-core-organization", ("active", "name")),),
}
"""The profiles of each type. The two of MCC are claimed only with the elements that guide marks as ones to support and we
can fill, so that its receivers find what they look for."""


def claims(resource: Json) -> list[str]:
    """Urls of the profiles a resource meets."""
    return [one.url for one in PROFILES.get(str(resource.get("resourceType")), ()) if is_met(resource, one)]


def is_met(resource: Json, profile: Profile) -> bool:
    """Is everything there that the profile requires, and nothing that it forbids?"""
    codes = (profile.codes or {}).items()
    return (
        all(_has(resource, path.split(".")) for path in profile.needs)
        and all(_is_coded(resource, path, wanted) for path, wanted in codes)
        and not any(_values(resource, path.split(".")) for path in profile.never)
    )


def _has(element: Any, path: list[str]) -> bool:
    if isinstance(element, list):
        return bool(element) and all(_has(one, path) for one in element)
    if not path:
        return element not in (None, "", {}, [])
    if not isinstance(element, dict):
        return False
    return any(_has(element.get(name), path[1:]) for name in path[0].split("|"))


def _values(element: Any, path: list[str]) -> list[Any]:
    if isinstance(element, list):
        return [value for one in element for value in _values(one, path)]
    if not path:
        return [] if element is None else [element]
    return _values(element.get(path[0]), path[1:]) if isinstance(element, dict) else []


def _is_coded(resource: Json, path: str, wanted: tuple[tuple[str, str], ...]) -> bool:
    return any((coding.get("system"), coding.get("code")) in wanted for coding in _codings(resource, path))


def _codings(resource: Json, path: str) -> Iterator[Json]:
    yield from _values(resource, [*path.split("."), "coding"])
