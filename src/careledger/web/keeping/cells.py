"""Values of a table as cells of a CSV file, and back, without losing anything and without a cell that a spreadsheet runs."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

NULL = "\\N"
_GUARD = "'"
_RUN = ("=", "+", "-", "@", "\t", "\r", _GUARD, "\\")
"""Signs a spreadsheet may take for a formula, and those our own marks begin with."""


def cell_of(value: Any, field: models.Field[Any, Any]) -> str:
    """A value as text; unknown is ``\\N``, and what a spreadsheet might run stands behind an apostrophe."""
    if value is None:
        return NULL
    text = _text(value, field)
    return _GUARD + text if text.startswith(_RUN) else text


def value_of(cell: str, field: models.Field[Any, Any]) -> Any:
    """The value a cell stands for."""
    if cell == NULL:
        return None
    text = cell.removeprefix(_GUARD)
    if isinstance(field, models.JSONField):
        return json.loads(text)
    if isinstance(field, models.BooleanField):
        return text == "true"
    if isinstance(field, models.BinaryField):
        return base64.b64decode(text)
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(text)
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(text)
    return field.to_python(text)


def _text(value: Any, field: models.Field[Any, Any]) -> str:
    if isinstance(field, models.JSONField):
        return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(field.get_prep_value(value))
