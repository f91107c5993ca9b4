"""How goals are shown: a status in words and its tone, a number without useless noughts."""

from __future__ import annotations

from decimal import Decimal

from django import template

from careledger.web.plans.charts import plain as plain_number
from careledger.web.plans.models import ACHIEVEMENTS

register = template.Library()
_SAID = dict(ACHIEVEMENTS)
_TONES = {
    "achieved": "good",
    "sustaining": "good",
    "improving": "good",
    "worsening": "stop",
    "not-achieved": "stop",
    "no-progress": "stop",
    "not-attainable": "stop",
    "no-change": "wait",
}


@register.filter
def said(status: str | None) -> str:
    """A goal's status in words; another system's own words as they are."""
    plain = (status or "").replace(" ", "-")
    return _SAID.get(plain) or (status or "no status").replace("_", " ").replace("-", " ").capitalize()


@register.filter
def fares(status: str | None) -> str:
    """The tone of a status: good, wait, stop, or none."""
    return _TONES.get((status or "").replace(" ", "-"), "")


@register.filter
def plain(value: Decimal | None) -> str:
    """A reading's number."""
    return "—" if value is None else plain_number(value)


@register.filter
def field_of(item: dict[str, str], name: str) -> str:
    """A field of an item, by name."""
    return item.get(name, "")
