"""What a plan holds: parts, each a list of items with an id; the same shape in the database, in versions and on paper.

A content is plain data: ``{"problems": [{"id": ..., "name": ...}, ...], "goals": [...], ...}``. Functions here make new
contents and change none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = dict[str, Any]
Content = dict[str, list[Item]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the plan.

    Attributes:
        one: what a single item is called.
        names: the fields of an item, with what each is called in a list of differences.
        title: the field that names an item.
    """

    id: str
    label: str
    one: str
    title: str
    names: Mapping[str, str]


PARTS: Mapping[str, Part] = {
    part.id: part
    for part in (
        Part("problems", "Problems", "problem", "name", {
            "name": "name", "name_es": "name in Spanish", "icd10": "ICD-10 code", "outcome": "expected outcome",
            "outcome_es": "expected outcome in Spanish", "symptoms": "symptoms and what to do",
            "symptoms_es": "symptoms in Spanish",
        }),
        Part("goals", "Goals", "goal", "text", {
            "text": "goal", "text_es": "goal in Spanish", "problems": "for", "measure": "measure",
            "measure_es": "measure in Spanish", "target": "target", "due_on": "due", "barriers": "barriers",
            "barriers_es": "barriers in Spanish",
        }),
        Part("interventions", "Interventions", "intervention", "text", {
            "text": "what is done", "text_es": "what is done, in Spanish", "problems": "for", "owner": "by",
        }),
        Part("medications", "Medications", "medication", "name", {
            "name": "name", "dose": "dose", "how": "how and when", "why": "what for",
        }),
        Part("allergies", "Allergies", "allergy", "substance", {"substance": "substance", "reaction": "reaction"}),
        Part("texts", "Other elements", "element", "id", {
            "text": "text", "text_es": "text in Spanish", "why_not": "why it does not apply",
        }),
    )
}  # fmt: skip
"""The parts in the order of the plan. ``texts`` holds the required elements that are told in words, by element id."""
OWNERS = (
    ("patient", "Patient"),
    ("caregiver", "Caregiver"),
    ("nurse", "Nurse or care manager"),
    ("practitioner", "Practitioner"),
    ("pharmacist", "Pharmacist"),
    ("specialist", "Specialist or therapist"),
    ("dietitian", "Dietitian"),
    ("social_worker", "Social worker"),
    ("agency", "Home health or other agency"),
)
NO_ALLERGY = "No known allergies"


def empty() -> Content:
    """A plan without anything."""
    return {part: [] for part in PARTS}


def item_of(content: Content, part: str, item_id: str) -> Item | None:
    """An item by its id, or None."""
    return next((item for item in content.get(part, ()) if item["id"] == item_id), None)


def with_item(content: Content, part: str, item: Item) -> Content:
    """The content with an item in the place of the one of its id, or at the end."""
    items = content.get(part, [])
    if any(one["id"] == item["id"] for one in items):
        items = [item if one["id"] == item["id"] else one for one in items]
    else:
        items = [*items, item]
    return {**content, part: items}


def without_item(content: Content, part: str, item_id: str) -> Content:
    """The content without an item; what named a problem names it no longer."""
    left = {**content, part: [one for one in content.get(part, ()) if one["id"] != item_id]}
    if part == "problems":
        for other in ("goals", "interventions"):
            left[other] = [_unlinked(one, item_id) for one in left[other]]
    return left


def _unlinked(item: Item, problem_id: str) -> Item:
    named = [one for one in item.get("problems", ()) if one != problem_id]
    return item if named == item.get("problems", []) else {**item, "problems": named}


def filled(part: str, item_id: str, values: Mapping[str, Any]) -> Item:
    """An item of a part from values, with every field of the part and no other."""
    return {
        "id": item_id,
        **{name: values.get(name) or ([] if name == "problems" else "") for name in PARTS[part].names},
    }


def problem_names(content: Content, ids: Iterable[str]) -> list[str]:
    """Names of problems by their ids; ids that are gone are left out."""
    names = {one["id"]: one["name"] for one in content.get("problems", ())}
    return [names[id_] for id_ in ids if id_ in names]


def digest_of(content: Content) -> str:
    """SHA-256 of a content, the same on every database."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def lacks_spanish(content: Content) -> int:
    """How many entries have words in English and none in Spanish."""
    return sum(
        bool(item.get(name.removesuffix("_es")) and not item.get(name))
        for part, kind in PARTS.items()
        for item in content.get(part, ())
        for name in kind.names
        if name.endswith("_es")
    )
