"""A patient's plan to PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from careledger.documents.plan.data import PlanData, PlanGoal
from careledger.documents.typeset import typeset
from careledger.policy.strict_yaml import load


def build_plan(data: PlanData) -> bytes:
    """The plan as PDF; equal data give equal bytes."""
    return typeset("plan", plan_json(data))


def plan_json(data: PlanData) -> dict[str, Any]:
    """Every word that is printed, in the order of the pages."""
    words = _in(data.language)
    return {
        "words": words,
        "lang": data.language,
        "size": 17 if data.is_large else 12,
        "patient": data.patient,
        "born": spoken_day(data.born_on, data.language),
        "practice": data.practice,
        "phone": data.phone,
        "program": _of("programs", data.program, data.language),
        "foot": f"{data.patient} · {words['version']} {data.version}",
        "made_on": spoken_day(data.made_on, data.language),
        "signed": _signed(data, words),
        "review": spoken_day(data.review_on, data.language),
        "note": words["english"] if data.untranslated else "",
        "problems": [{"name": one.name, "outcome": one.outcome, "symptoms": one.symptoms} for one in data.problems],
        "goals": [_goal(one, data.language) for one in data.goals],
        "owners": _owners(data),
        "medications": [[one.name, one.dose, one.how, one.why] for one in data.medications],
        "allergies": [" · ".join(part for part in pair if part) for pair in data.allergies],
        "none_of": words["none_known" if data.has_no_allergies else "no_allergies"],
        "any_hour": words["any_hour"] if data.is_always_open else "",
        "texts": [{"name": _of("elements", one.element, data.language), "text": one.text} for one in data.texts],
    }


def spoken_day(on: date | None, language: str) -> str:
    """``November 18, 2026``; ``18 de noviembre de 2026``; nothing for an unknown day."""
    if on is None:
        return ""
    if language == "es":
        return f"{on.day} de {_file()['months']['es'][on.month - 1]} de {on.year}"
    return f"{on:%B} {on.day}, {on.year}"


@cache
def _file() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("words.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = load(text, "words.yaml").data
    return found


def _in(language: str) -> dict[str, str]:
    return {key: pair[language] for key, pair in _file()["words"].items()}


def _of(group: str, key: str, language: str) -> str:
    pair = _file()[group].get(key)
    return str(pair[language]) if pair else key.replace("_", " ").capitalize()


def _signed(data: PlanData, words: Mapping[str, str]) -> str:
    if not data.signed_by:
        return ""
    return f"{words['signed']} {data.signed_by} {words['on']} {spoken_day(data.signed_on, data.language)}"


def _goal(goal: PlanGoal, language: str) -> dict[str, str]:
    unit = _file()["units"].get(goal.unit, goal.unit) if language == "es" else goal.unit
    target = ""
    if goal.direction:
        said = _of("directions", goal.direction, language)
        target = said.format(value=goal.value, high=goal.high, unit=unit).strip()
    return {
        "text": goal.text,
        "measure": goal.measure,
        "target": target,
        "due": spoken_day(goal.due_on, language),
        "barriers": goal.barriers,
    }


def _owners(data: PlanData) -> list[dict[str, Any]]:
    """Steps by who does them, the patient first."""
    by_owner: dict[str, list[str]] = {}
    for step in data.steps:
        by_owner.setdefault(step.owner, []).append(step.text)
    order = [*_file()["owners"], *by_owner]
    return [
        {"name": _of("owners", owner, data.language), "steps": by_owner[owner]}
        for owner in dict.fromkeys(order)
        if owner in by_owner
    ]
