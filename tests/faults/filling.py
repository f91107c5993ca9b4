"""A row in every table of the clinic, whatever tables there are: models are found, and values made by the kind of field."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

DERIVED = (
    "django_migrations", "careledger_limits", "django_session", "usersessions_usersession", "fhir_api_accesstoken",
    "fhir_api_seenassertion",
)  # fmt: skip
"""Tables that are no part of what a clinic holds: who migrated when, counts of the minute, who is signed in."""


def fill_all() -> dict[str, str]:
    """Give every table that has none a row; says for each that stays empty why."""
    from django.apps import apps
    from django.db import DatabaseError, transaction

    empty = [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]
    why: dict[str, str] = {}
    for _ in range(len(empty)):
        left = []
        for model in empty:
            if _count(model):
                continue
            try:
                with transaction.atomic():
                    _made(model).save_base(raw=True)
            except (DatabaseError, LookupError) as error:
                why[model._meta.label_lower] = f"{type(error).__name__}: {error}"
                left.append(model)
        if len(left) == len(empty):
            break
        empty = left
    return {model._meta.label_lower: why[model._meta.label_lower] for model in empty}


def _count(model: Any) -> int:
    return model._base_manager.count()


def _made(model: Any) -> Any:
    values = {
        field.attname: _value(field)
        for field in model._meta.concrete_fields
        if not field.primary_key or field.is_relation
    }
    return model(**values)


def _value(field: Any) -> Any:
    """Something that stands for the field's kind, and is unlike what a default would be."""
    from django.db import models

    if field.is_relation:
        there = (
            field.related_model._base_manager.order_by("pk").values_list(field.target_field.attname, flat=True).first()
        )
        if there is None and not field.null:
            raise LookupError(f"{field.name} has nothing to refer to yet")
        return there
    if field.choices:
        flat = [pair for pair in field.flatchoices if pair[0] not in (None, "")]
        return flat[-1][0]
    kinds: list[tuple[type, Any]] = [
        (models.BooleanField, True), (models.DateTimeField, datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)),
        (models.DateField, date(2026, 1, 2) + timedelta(days=_place(field))), (models.TimeField, time(3, 4, 5)), (models.DecimalField, Decimal("1.25")),
        (models.JSONField, {"=1": [None, 1.5, "é\\N"]}), (models.BinaryField, b"\x00\xff'"), (models.FloatField, 0.1),
        (models.IntegerField, 7 + _place(field)), (models.UUIDField, "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        (models.GenericIPAddressField, "192.0.2.1"), (models.DurationField, None),
    ]  # fmt: skip
    for kind, value in kinds:
        if isinstance(field, kind):
            return value
    if type(field).__name__ == "WordsField":
        return ("a", "b")
    text = "=\t'\\N \n\"é,;"
    return text[: field.max_length] if field.max_length else text


def _place(field: Any) -> int:
    """Where a field stands in its table: what ends stands after what begins."""
    return [one.name for one in field.model._meta.concrete_fields].index(field.name)


def _plain(cell: Any) -> Any:
    """A cell as it stands; the keys of an object have no order, and PostgreSQL keeps none."""
    if isinstance(cell, str) and cell.startswith("{"):
        try:
            return json.dumps(json.loads(cell), sort_keys=True)
        except ValueError:
            return cell
    return cell


def raw() -> dict[str, str]:
    """Every table of the database as it stands in the file, by fingerprint: not by way of what writes and reads exports."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names()):
            if table in DERIVED:
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(repr([_plain(cell) for cell in row]) for row in cursor.fetchall())
            found[table] = f"{len(rows)} {hashlib.sha256(''.join(rows).encode()).hexdigest()[:16]}"
    return found
