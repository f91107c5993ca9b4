"""A plan's content as pages show it: problems by name, goals with their rows, owners in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from careledger.web.plans.content import OWNERS, PARTS, Content, Item, problem_names
from careledger.web.plans.elements import is_measurable
from careledger.web.plans.models import Goal

_OWNERS = dict(OWNERS)


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item with what a page says beside it."""

    item: Item
    problems: tuple[str, ...] = ()
    owner: str = ""
    due_on: date | None = None
    row: Goal | None = None
    is_measurable: bool = True


def shown_plan(content: Content, goals: Mapping[str, Goal]) -> dict[str, Any]:
    """Every part with its items."""
    return {part: [_shown(part, one, content, goals) for one in content.get(part, ())] for part in PARTS}


def _shown(part: str, item: Item, content: Content, goals: Mapping[str, Goal]) -> ShownItem:
    problems = tuple(problem_names(content, item.get("problems") or ()))
    if part == "interventions":
        return ShownItem(item, problems, _OWNERS.get(item["owner"], ""))
    if part == "goals":
        due = date.fromisoformat(item["due_on"]) if item["due_on"] else None
        return ShownItem(item, problems, "", due, goals.get(item["id"]), is_measurable(item))
    return ShownItem(item)
