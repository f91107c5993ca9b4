"""Condition templates: found by a patient's diagnoses, laid into a plan without saying anything twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from careledger.policy.strict_yaml import load
from careledger.web.plans.content import Content, Item, filled, item_of, with_item
from careledger.web.plans.targets import Target, make_target

_FILES = ("conditions_heart", "conditions_other")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    en: str
    es: str


@dataclass(frozen=True, slots=True)
class GoalStart:
    """A goal as a template proposes it; ``source`` says where its number comes from."""

    key: str
    text: Words
    measure: Words
    target: Target
    days: int
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """An intervention as a template proposes it."""

    key: str
    text: Words
    owner: str


@dataclass(frozen=True, slots=True)
class Starter:
    """A condition's template.

    Attributes:
        icd10: code prefixes it is for.
    """

    key: str
    name: Words
    icd10: tuple[str, ...]
    outcome: Words
    symptoms: Words
    goals: tuple[GoalStart, ...]
    steps: tuple[Step, ...]


def data_of(name: str) -> dict[str, Any]:
    """A file of the package's data, read as strictly as policy is."""
    file = f"{name}.yaml"
    text = resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    found: dict[str, Any] = load(text, file).data
    return found


@cache
def starters() -> Mapping[str, Starter]:
    """Every condition template, by key."""
    goals = {key: _goal(key, one) for key, one in data_of("goals")["goals"].items()}
    steps = {
        key: Step(key, _words(one["text"]), one["owner"])
        for key, one in data_of("interventions")["interventions"].items()
    }
    found = {key: one for name in _FILES for key, one in data_of(name)["conditions"].items()}
    return {
        key: Starter(
            key=key,
            name=_words(one["name"]),
            icd10=tuple(one["icd10"]),
            outcome=_words(one["outcome"]),
            symptoms=_words(one["symptoms"]),
            goals=tuple(goals[name] for name in one["goals"]),
            steps=tuple(steps[name] for name in one["interventions"]),
        )
        for key, one in found.items()
    }  # fmt: skip


def suggested(codes: Iterable[str]) -> dict[str, list[str]]:
    """Template to the diagnoses it is for; a code that names two illnesses, such as E11.22, suggests both."""
    named = list(codes)
    fits = {key: [code for code in named if code.startswith(one.icd10)] for key, one in starters().items()}
    return {key: found for key, found in fits.items() if found}


def laid_into(content: Content, keys: Iterable[str], codes: Mapping[str, list[str]], owner: str, on: date) -> Content:
    """A content with templates added; what stands stays as it is, and a shared goal or step serves one more problem.

    Args:
        codes: template to the patient's diagnoses it is for.
        owner: what goal ids begin with, so that they differ from every other patient's.
        on: the day from which goals run.
    """
    for key in keys:
        starter = starters()[key]
        content = with_problem(content, starter, codes.get(key, []))
        for goal in starter.goals:
            content = _with_goal(content, goal, f"t-{key}", owner, on)
        for step in starter.steps:
            content = _with_step(content, step, f"t-{key}")
    return content


def plain_problem(code: str) -> Item:
    """A diagnosis for which nobody wrote anything yet."""
    return filled("problems", f"c-{code}", {"name": code, "icd10": code})


def with_problem(content: Content, starter: Starter, codes: list[str]) -> Content:
    """The problem of a template, unless it stands; plain problems of its diagnoses make room for it."""
    problem_id = f"t-{starter.key}"
    if item_of(content, "problems", problem_id):
        return content
    values = {
        "name": starter.name.en, "name_es": starter.name.es, "icd10": " ".join(codes), "outcome": starter.outcome.en,
        "outcome_es": starter.outcome.es, "symptoms": starter.symptoms.en, "symptoms_es": starter.symptoms.es,
    }  # fmt: skip
    problem = filled("problems", problem_id, values)
    plain = [one["id"] for one in map(plain_problem, codes) if one in content["problems"]]
    return _in_place_of(plain, problem, content) if plain else with_item(content, "problems", problem)


def _in_place_of(plain: list[str], problem: Item, content: Content) -> Content:
    """With a problem where the first of others stood; what was for one of them is for it now."""
    new = problem["id"]
    problems = [problem if one["id"] == plain[0] else one for one in content["problems"]]
    linked = {
        part: [
            {**one, "problems": list(dict.fromkeys(new if id_ in plain else id_ for id_ in one["problems"]))}
            for one in content[part]
        ]
        for part in ("goals", "interventions")
    }
    return {**content, **linked, "problems": [one for one in problems if one["id"] not in plain]}


def _with_goal(content: Content, goal: GoalStart, problem: str, owner: str, on: date) -> Content:
    goal_id = f"{owner}-{goal.key}"
    same = goal.measure.en.casefold()
    standing = item_of(content, "goals", goal_id) or next(
        (one for one in content["goals"] if one["measure"].casefold() == same), None
    )
    if standing:
        return with_item(content, "goals", _also_for(standing, problem))
    values = {
        "text": goal.text.en, "text_es": goal.text.es, "problems": [problem], "measure": goal.measure.en, "measure_es": goal.measure.es,
        "target": str(goal.target), "due_on": (on + timedelta(days=goal.days)).isoformat(),
    }  # fmt: skip
    return with_item(content, "goals", filled("goals", goal_id, values))


def _with_step(content: Content, step: Step, problem: str) -> Content:
    step_id = f"t-{step.key}"
    if standing := item_of(content, "interventions", step_id):
        return with_item(content, "interventions", _also_for(standing, problem))
    values = {"text": step.text.en, "text_es": step.text.es, "problems": [problem], "owner": step.owner}
    return with_item(content, "interventions", filled("interventions", step_id, values))


def _also_for(item: Item, problem: str) -> Item:
    named = item.get("problems") or []
    return item if problem in named else {**item, "problems": [*named, problem]}


def _words(pair: Mapping[str, str]) -> Words:
    return Words(pair["en"], pair["es"])


def _goal(key: str, one: Mapping[str, Any]) -> GoalStart:
    told = one["target"]
    target = make_target(told["direction"], told["value"], told["unit"], told.get("high", ""))
    assert target is not None, key
    return GoalStart(key, _words(one["text"]), _words(one["measure"]), target, one["days"], one["source"])
