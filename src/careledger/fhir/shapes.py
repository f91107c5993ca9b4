"""The shapes FHIR R4 gives the elements we read: what is an object, what a list, checked before anything is mapped.

A sender that writes ``"name": "Ann"`` where FHIR has a list of objects is told so; its resource is left out, and the
mappings may rely on the shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_OBJECT, _OBJECTS, _VALUES, _VALUE, _NUMBER = (
    "an object",
    "a list of objects",
    "a list of values",
    "a value",
    "a number",
)

_ANYWHERE = {
    "coding": _OBJECTS, "extension": _OBJECTS, "telecom": _OBJECTS, "meta": _OBJECT,
    "given": _VALUES, "line": _VALUES, "prefix": _VALUES, "suffix": _VALUES, "family": _VALUE,
    "display": _VALUE, "city": _VALUE, "state": _VALUE, "postalCode": _VALUE, "subscriberId": _VALUE,
    "valueString": _VALUE, "valueInteger": _VALUE, "valueBoolean": _VALUE, "valueDate": _VALUE,
}  # fmt: skip
"""Elements with one shape wherever they stand in the resources we read."""

_TOP = {
    "Patient": {"name": _OBJECTS, "address": _OBJECTS, "communication": _OBJECTS, "birthDate": _VALUE, "gender": _VALUE},
    "Practitioner": {"name": _OBJECTS, "address": _OBJECTS, "qualification": _OBJECTS},
    "PractitionerRole": {"practitioner": _OBJECT, "organization": _OBJECT},
    "Organization": {"name": _VALUE, "address": _OBJECTS},
    "Coverage": {"beneficiary": _OBJECT, "payor": _OBJECTS, "class": _OBJECTS, "order": _NUMBER, "status": _VALUE},
    "Encounter": {"class": _OBJECT, "participant": _OBJECTS, "subject": _OBJECT, "type": _OBJECTS, "status": _VALUE},
    "Condition": {"subject": _OBJECT, "code": _OBJECT},
    "CarePlan": {"subject": _OBJECT, "category": _OBJECTS, "title": _VALUE, "author": _OBJECT},
    "Goal": {"subject": _OBJECT, "target": _OBJECTS, "description": _OBJECT, "lifecycleStatus": _VALUE},
    "Consent": {"patient": _OBJECT, "category": _OBJECTS, "scope": _OBJECT, "performer": _OBJECTS, "status": _VALUE},
}  # fmt: skip
_EVERY = {"identifier": _OBJECTS, "period": _OBJECT}
"""Elements with one shape at the top of every resource; further down they mean other things (a reference, a rhythm)."""
_BELOW = {("Goal", "target"): {"detailQuantity": _OBJECT, "detailRange": _OBJECT}}


def misshapen(resource: Json) -> Iterator[tuple[str, str]]:
    """Paths of a resource whose content has another shape than R4 gives them, each with the shape it should have."""
    kind = str(resource.get("resourceType"))
    yield from _wrong(resource, {**_EVERY, **_TOP.get(kind, {})}, kind)
    for (of, element), rules in _BELOW.items():
        parts = resource.get(element)
        if of == kind and isinstance(parts, list):
            for part in parts:
                if isinstance(part, dict):
                    yield from _wrong(part, rules, f"{kind}.{element}")
    waiting: list[tuple[Any, str]] = [(resource, kind)]
    while waiting:  # no recursion: depth is the sender's choice
        found, path = waiting.pop()
        if isinstance(found, dict):
            yield from _wrong(found, _ANYWHERE, path)
            waiting += [(value, f"{path}.{key}") for key, value in found.items() if isinstance(value, dict | list)]
        else:
            waiting += [(value, path) for value in found if isinstance(value, dict | list)]


def _wrong(found: Json, rules: dict[str, str], path: str) -> Iterator[tuple[str, str]]:
    for name, shape in rules.items():
        if (value := found.get(name)) is not None and not _has(value, shape):
            yield f"{path}.{name}", shape


def _has(value: Any, shape: str) -> bool:
    if shape == _OBJECT:
        return isinstance(value, dict)
    if shape == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    if shape == _VALUE:
        return not isinstance(value, dict | list)
    inner = dict if shape == _OBJECTS else str | int | float | None
    return isinstance(value, list) and all(isinstance(one, inner) for one in value)
