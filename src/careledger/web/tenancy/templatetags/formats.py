"""Days, instants, minutes and money, written one way everywhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from careledger.core.money import dollars
from careledger.web.accounts.roles import may

register = template.Library()
_EMPTY = "—"


@register.filter
def day(value: date | None) -> str:
    """``Nov 23, 2026``."""
    return _EMPTY if value is None else f"{value:%b} {value.day}, {value.year}"


@register.filter
def clock(value: datetime | int | None) -> str:
    """``2:05 pm`` in the practice's zone, from an instant or seconds UTC."""
    at = _local(value)
    return _EMPTY if at is None else f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


@register.filter
def instant(value: datetime | int | None) -> str:
    """``Nov 23, 2026, 2:05 pm`` in the practice's zone."""
    at = _local(value)
    return _EMPTY if at is None else f"{day(at.date())}, {clock(value)}"


@register.filter
def minutes(seconds: int | None) -> str:
    """``23 min``, ``1 h 05 min``, ``40 s``: whole minutes are cut, never rounded up."""
    if seconds is None:
        return _EMPTY
    if 0 < seconds < 60:
        return f"{seconds} s"
    hours, left = divmod(seconds // 60, 60)
    return f"{hours} h {left:02d} min" if hours else f"{left} min"


@register.filter
def money(cents: int | None) -> str:
    """``$62.16``; an unknown amount is a dash."""
    return _EMPTY if cents is None else dollars(cents)


@register.filter
def share(value: float | None) -> str:
    """A share as a percentage; without anything to count it says so, never 0%."""
    return "nothing to count" if value is None else f"{value:.1%}"


@register.filter
def named(names: dict[str, tuple[int, str]], code: str) -> str:
    """A patient's name by code."""
    return names[code][1] if code in names else code


@register.filter
def words(value: Any) -> str:
    """Ids as words: ``care_plan`` as ``care plan``, a tuple parted by commas."""
    if not value:
        return _EMPTY
    return ", ".join(value).replace("_", " ") if isinstance(value, tuple | list) else str(value).replace("_", " ")


@register.filter
def payer(id_: str) -> str:
    """A payer as policy calls it, without its explanations."""
    from careledger.web.billing.queries import policy

    found = policy().payers.get(id_)
    return words(id_) if found is None else found.says.partition(";")[0].rstrip(".")


@register.filter
def known(value: Any) -> Any:
    """A dash for what is unknown; yes and no in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _EMPTY if value in (None, "") else value


@register.filter(name="may")
def may_filter(membership: Any, permission: str) -> bool:
    """``{% if membership|may:"time.log" %}``."""
    return membership is not None and may(membership.role, permission)


def _local(value: datetime | int | None) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromtimestamp(value, timezone.get_current_timezone()) if isinstance(value, int) else value
    return timezone.localtime(at)
