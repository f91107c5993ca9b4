"""Words of the library's pages."""

from __future__ import annotations

from typing import Any

from django import template

from careledger.library.fill import in_words
from careledger.library.references import KIND_WORDS

register = template.Library()
_CHIPS = {
    "approved": "good", "submitted": "", "under_review": "wait", "stale": "wait", "disputed": "person",
    "superseded": "stop", "withdrawn": "stop",
}  # fmt: skip


@register.filter
def kind_words(kind: str) -> str:
    """The kind of authority a reference has, in words."""
    return KIND_WORDS.get(kind, kind)


@register.filter
def review_chip(status: str | None) -> str:
    """The colour of a review status."""
    return _CHIPS.get(status or "", "")


@register.filter
def value_words(id_: str) -> str:
    """The name of a policy value, without its topic, in words."""
    return id_.rpartition(".")[2].replace("_", " ")


@register.filter
def said(value: Any) -> str:
    """A policy value in words."""
    return in_words(value)
