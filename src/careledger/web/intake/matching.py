"""People and practices that the clinic knows under another id: the same NPI is the same person, so nobody stands twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from careledger.web.tenancy.models import Person, Practice

Records = dict[str, list[Any]]
_PEOPLE = frozenset(
    {
        "person_id", "biller_id", "by", "practitioner", "signed_by", "recorded_by", "contact_by", "visit_by", "plan_signed_by",
        "psychiatric_consultant", "works_with",
    }
)  # fmt: skip
_PRACTICES = frozenset({"practice_id"})


def matched(found: Records) -> Records:
    """The records with the ids by which the clinic knows people and practices."""
    people = _aliases(found["people"], "person_id", Person)
    practices = _aliases(found["practices"], "practice_id", Practice)
    if not people and not practices:
        return found
    return {table: [_renamed(row, people, practices) for row in rows] for table, rows in found.items()}


def _aliases(rows: list[Any], key: str, model: Any) -> dict[str, str]:
    """The import's id to ours, where they differ and the NPI is the same."""
    ours = dict(model.objects.exclude(npi=None).values_list("npi", "code"))
    codes = set(model.objects.values_list("code", flat=True))
    return {
        getattr(row, key): ours[row.npi]
        for row in rows
        if getattr(row, key) not in codes and row.npi and row.npi in ours
    }


def _renamed(row: Any, people: Mapping[str, str], practices: Mapping[str, str]) -> Any:
    changes: dict[str, Any] = {}
    for column in fields(row):
        aliases = people if column.name in _PEOPLE else practices if column.name in _PRACTICES else None
        value = getattr(row, column.name)
        if not aliases or not value:
            continue
        new = tuple(aliases.get(one, one) for one in value) if isinstance(value, tuple) else aliases.get(value, value)
        if new != value:
            changes[column.name] = new
    return replace(row, **changes) if changes else row
