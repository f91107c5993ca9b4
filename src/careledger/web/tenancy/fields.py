"""Field kinds that core records have and Django has not."""

from __future__ import annotations

from typing import Any

from django.db import models


class WordsField(models.TextField):
    """A tuple of words, kept as text parted by one space; null is unknown, as in ``core.records``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: Any) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.split())

    def to_python(self, value: Any) -> Any:
        return tuple(value.split()) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else " ".join(value)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""


def word(**kwargs: Any) -> models.CharField:
    """A short word or id; null is unknown."""
    return models.CharField(max_length=120, null=True, blank=True, **kwargs)


def prose(**kwargs: Any) -> models.TextField:
    """A text; null is unknown."""
    return models.TextField(null=True, blank=True, **kwargs)


def day(**kwargs: Any) -> models.DateField:
    """A day in the practice's time zone; null is unknown."""
    return models.DateField(null=True, blank=True, **kwargs)


def truth(**kwargs: Any) -> models.BooleanField:
    """Yes, no, or null for unknown."""
    return models.BooleanField(null=True, blank=True, **kwargs)
