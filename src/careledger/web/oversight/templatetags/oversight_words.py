"""Words of oversight's pages."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def share(measured: Any) -> str:
    """A measure's value; words where nobody stands in the denominator."""
    return "nobody to divide by" if measured.value is None else f"{measured.value:.1f}%"
