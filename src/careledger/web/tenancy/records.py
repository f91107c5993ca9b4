"""Rows to core records: the one converter that every app's ``queries.py`` uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from django.db import models

from careledger.web.tenancy.models import Person

_NAMED: dict[str, dict[str, str]] = {
    "Practice": {"practice_id": "code"},
    "Person": {"person_id": "code"},
    "Patient": {"patient_id": "code"},
    "Goal": {"goal_id": "code"},
}


@cache
def attributes_of(record: type, model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    """(record field, model attribute) for every field of the record that the model keeps."""
    own = {field.name for field in model._meta.get_fields()}
    pairs = []
    for column in fields(record):
        name = _NAMED.get(record.__name__, {}).get(column.name, column.name)
        name = name.rstrip("_") if name.rstrip("_") in own else name
        relation = name.removesuffix("_id")
        if column.default is not MISSING and not any(hasattr(model, one) for one in (name, relation)):
            continue  # a column newer than the database: its default stands, and a test asks for its field
        pairs.append((column.name, relation if name not in own and relation in own else name))
    return tuple(pairs)


def to_record(row: models.Model, record: type) -> Any:
    """A row as its core record; people, patients and practices stand by their codes."""
    values = {field: _plain(getattr(row, name)) for field, name in attributes_of(record, type(row))}
    return record(**values)


def to_records(rows: Iterable[models.Model], record: type) -> list[Any]:
    """Rows as core records; select related people beforehand."""
    return [to_record(row, record) for row in rows]


def people_by_code() -> dict[str, Person]:
    """Everyone of the organisation's directory, by code."""
    return {person.code: person for person in Person.objects.all()}


def _plain(value: Any) -> Any:
    return value.code if isinstance(value, models.Model) else value
