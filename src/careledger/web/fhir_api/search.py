"""Search parameters of FHIR: what a value means, as a condition on rows.

Source: HL7 FHIR R4, search.html. Values parted by commas are alternatives; a parameter sent twice must hold both times. What
becomes of a parameter we do not know: ``asking``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from careledger.fhir.server.outgoing import SYSTEM
from careledger.web.fhir_api.doors import Refused

NOTHING, EVERYTHING = Q(pk__in=()), ~Q(pk__in=())
Condition = Callable[[str], Q]
_DATE = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(\d{4}-\d{2}-\d{2})(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?")
_PAST = {"ge": "gte", "gt": "gt", "le": "lte", "lt": "lt", "sa": "gt", "eb": "lt"}


MOST = 200
"""Most alternatives of a parameter, and most parameters of a search; a longer list is asked for in parts."""


def too_many() -> Refused:
    """What is said to a search that asks for too much at once."""
    return Refused(400, "too-costly", f"a search takes at most {MOST} values at once; ask in parts")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: its FHIR type, what one value means, and the columns that ``_sort`` orders by (none: it cannot)."""

    type: str
    means: Condition
    sorts_by: tuple[str, ...] = ()

    def condition(self, value: str) -> Q:
        """The condition of all alternatives of a value."""
        if value.count(",") >= MOST:
            raise too_many()
        return reduce(or_, (self.means(one) for one in value.split(",") if one), NOTHING)


def reference(path: str, kind: str) -> Parameter:
    """A reference to one type, by ``Type/id``, by the id alone, or by a full address."""

    def means(value: str) -> Q:
        parts = value.rstrip("/").split("/")
        if len(parts) > 1 and parts[-2] != kind:
            return NOTHING
        return Q(**{path: int(parts[-1])}) if is_key(parts[-1]) else NOTHING

    return Parameter("reference", means)


def token(values: Mapping[str, Q], system: str = "") -> Parameter:
    """A code out of few, with or without its system."""

    def means(value: str) -> Q:
        named, _, code = value.rpartition("|")
        return values.get(code, NOTHING) if named in ("", system) else NOTHING

    return Parameter("token", means)


def identifier(kind: str, path: str, **others: Condition) -> Parameter:
    """Our own identifier of a type, and others by their systems (``NPI``); a value without a system matches any."""
    own = f"{SYSTEM}{kind}"

    def means(value: str) -> Q:
        system, bar, plain = value.rpartition("|")
        known: dict[str, Condition] = {own: lambda one: Q(**{path: one}), **others}
        if not bar:
            return reduce(or_, (meant(plain) for meant in known.values()), NOTHING)
        return known[system](plain) if system in known else NOTHING

    return Parameter("token", means)


def icd10(path: str, system: str) -> Parameter:
    """A diagnosis by its ICD-10-CM code, with its point or without."""

    def means(value: str) -> Q:
        named, _, code = value.rpartition("|")
        if named not in ("", system):
            return NOTHING
        plain = code.replace(".", "").upper()
        return Q(**{f"{path}__in": (plain, plain if len(plain) < 4 else f"{plain[:3]}.{plain[3:]}")})

    return Parameter("token", means)


def string(*paths: str) -> Parameter:
    """Text that begins so, whatever its case."""
    return Parameter("string", lambda value: reduce(or_, (Q(**{f"{path}__istartswith": value}) for path in paths)))


def day(path: str, sorts_by: tuple[str, ...] = ()) -> Parameter:
    """A day, with a prefix such as ``ge``; sorted by it unless other columns are named."""

    def means(value: str) -> Q:
        prefix, on = day_of(value)
        return Q(**{f"{path}__{_PAST[prefix]}" if prefix in _PAST else path: on})

    return Parameter("date", means, sorts_by or (path,))


def span(first: str, last: str) -> Parameter:
    """Days from first to last (open where it is empty), touched by the day or days asked for."""

    def means(value: str) -> Q:
        prefix, on = day_of(value)
        begun, ended = Q(**{f"{first}__lte": on}), Q(**{f"{last}__lt": on})
        if prefix in ("ge", "gt", "sa"):
            after = on if prefix == "ge" or on == date.max else on + timedelta(days=1)
            return Q(**{f"{last}__gte": after}) | Q(**{f"{last}__isnull": True})
        if prefix in ("le", "lt", "eb"):
            return Q(**{f"{first}__lte" if prefix == "le" else f"{first}__lt": on})
        return begun & ~ended

    return Parameter("date", means, (first,))


def day_of(value: str) -> tuple[str, date]:
    """Prefix and day of a date parameter; Refused for what is no date."""
    found = _DATE.fullmatch(value)
    try:
        return (found[1] or "eq", date.fromisoformat(found[2])) if found else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> Any:
    raise Refused(400, "value", "a date parameter takes a day such as ge2026-01-31")


def is_key(text: str) -> bool:
    """Can this be the number of a row?"""
    return text.isascii() and text.isdigit() and len(text) < 19
