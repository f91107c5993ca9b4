"""What a plan must have: the elements policy names for its program, each there or with what to add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from careledger.policy.view import PolicyView
from careledger.web.billing.queries import policy
from careledger.web.plans.content import Content, Item, item_of
from careledger.web.plans.targets import read_target

HELP = {
    "problem_list": "The illnesses the plan is about.",
    "expected_outcome": "What is to be expected of each illness, in words the patient understands.",
    "treatment_goals": "Goals with a measure, a target and a day.",
    "cognitive_functional_assessment": "How the patient thinks, remembers, and manages the day; from the assessments.",
    "symptom_management": "For each illness: what to watch for, and what to do then.",
    "planned_interventions": "What is done, and by whom.",
    "medical_management": "Medicines and how they are managed, with allergies; or that there are none.",
    "environmental_evaluation": "The home and the surroundings: safety, food, transport, power.",
    "caregiver_assessment": "Who helps, how they fare, and what they need.",
    "outside_coordination": "Other clinicians, agencies and services, and how the work is shared with them.",
    "periodic_review": "When and by whom the plan is looked at again.",
    "revision": "What was changed in the plan, and why.",
    "diagnosis": "The pain, its cause and its course.",
    "assessment_monitoring": "How pain and function are followed.",
    "validated_pain_scale": "Which tested scale is used, and its result.",
    "treatment_management": "The treatments chosen, and how they are adjusted.",
    "behavioral_coordination": "How treatment of mind and mood is joined with the rest.",
    "medication_management": "Medicines for pain, risks and agreements.",
    "literacy_counseling": "What patient and family were taught about pain.",
    "crisis_care": "What to do when pain gets out of hand.",
    "coordination": "How the work is shared with others.",
}
"""Element to what belongs there, in our own words; which elements a program needs stands in policy."""
_BY_PART = {
    "problem_list": "problems",
    "expected_outcome": "problems",
    "treatment_goals": "goals",
    "symptom_management": "problems",
    "planned_interventions": "interventions",
    "medical_management": "medications",
}
_BY_FIELD = {"expected_outcome": "outcome", "symptom_management": "symptoms"}


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the plan as it stands.

    Attributes:
        state: there, missing, or left_out with its reason.
        todo: what to add; empty when nothing is to be done.
        part: the part of the plan that holds it; ``texts`` for one told in words.
    """

    id: str
    state: str
    is_optional: bool
    todo: str
    part: str
    says: str

    @property
    def name(self) -> str:
        return self.id.replace("_", " ").capitalize()

    @property
    def is_in_the_way(self) -> bool:
        """Must it be added before anyone can sign?"""
        return self.state == "missing" and not self.is_optional


def programs_with_plans(on: date) -> list[str]:
    """Programs for whose plan policy names elements."""
    ids = policy().on(on).ids()
    return sorted(id_.partition(".")[0] for id_ in ids if id_.endswith(".care_plan.elements"))


def elements_of(content: Content, program: str, on: date) -> list[Element]:
    """Every element that policy names on a day for the program, in policy's order."""
    view = policy().on(on)
    optional = _words(view, f"{program}.care_plan.optional_elements")
    return [_element(content, id_, id_ in optional) for id_ in _words(view, f"{program}.care_plan.elements")]


def present(content: Content, program: str, on: date) -> tuple[str, ...]:
    """Ids of the elements that are there, as the engine reads them."""
    return tuple(one.id for one in elements_of(content, program, on) if one.state == "there")


def hints(content: Content, codes: Sequence[str]) -> Iterator[str]:
    """What does not stop a signature, and is worth a look."""
    named = " ".join(one["icd10"] for one in content["problems"]).split()
    for code in codes:
        if code not in named:
            yield f"{code} is on the chart and no problem of the plan names it"
    served = {problem for goal in content["goals"] for problem in goal["problems"]}
    for problem in content["problems"]:
        if problem["id"] not in served:
            yield f"no goal is for {problem['name']}"
    if content["medications"] and not content["allergies"]:
        yield "allergies are not recorded; add them, or that none are known"


def _words(view: PolicyView, id_: str) -> tuple[str, ...]:
    return view.words(id_) if view.find(id_) is not None else ()


def _element(content: Content, id_: str, is_optional: bool) -> Element:
    told = item_of(content, "texts", id_) or {}
    todo = "" if told.get("text") else _todo(content, id_)
    state = "there"
    if todo:
        state = "left_out" if is_optional and told.get("why_not") else "missing"
    part = _BY_PART.get(id_, "texts")
    return Element(id_, state, is_optional, todo if state == "missing" else "", part, HELP.get(id_, ""))


def _todo(content: Content, id_: str) -> str:
    """What an element lacks; empty when the parts of the plan hold it."""
    part = _BY_PART.get(id_)
    if part is None:
        return "write a few words"
    items = content[part]
    if not items:
        return {"problems": "add a problem", "goals": "add a goal"}.get(
            part, f"add {part}, or say in words why there are none"
        )
    if field := _BY_FIELD.get(id_):
        return _each(items, [one for one in items if not one[field]], "name", "write it for")
    if part == "goals":
        return _each(items, [one for one in items if not is_measurable(one)], "text", "give measure, target and day to")
    if part == "interventions":
        return _each(items, [one for one in items if not one["owner"]], "text", "say who does")
    return ""


def is_measurable(goal: Item) -> bool:
    """Does a goal say what is measured, the value to reach and the day?"""
    return bool(goal["measure"] and goal["due_on"] and read_target(goal["target"]))


def _each(items: list[Item], lacking: list[Item], title: str, says: str) -> str:
    if not lacking:
        return ""
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"{says}: {lacking[0][title]}{more}"
