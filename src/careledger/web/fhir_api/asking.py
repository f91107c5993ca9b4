"""What a search asks: parameters that find, those that say how to answer, and those we do not know.

Sources: HL7 FHIR R4, search.html (errors, sort, include, count, modifiers); RFC 7240 for ``Prefer``. R4 lets the caller choose:
with ``Prefer: handling=lenient`` what we do not know is left out, which the Bundle's own link shows and an outcome in it says;
with ``handling=strict`` the search is refused. Of a caller who says neither R4 would have us ignore it ("SHOULD"); we refuse,
since a misspelt ``patient`` would otherwise hand out everybody's charts. A modifier we do not know is refused either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from careledger.web.fhir_api.doors import Refused
from careledger.web.fhir_api.search import MOST as MOST_VALUES
from careledger.web.fhir_api.search import is_key, too_many
from careledger.web.fhir_api.shelves import Asked, Shelf

USUAL, MOST = 50, 200
"""Matches on a page when none is asked for, and at most."""
_RESULT = ("_count", "_page", "_format", "_pretty", "_total")
"""Parameters that say how to answer, not what to find, beside ``_sort`` and ``_include``."""
Given = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Include:
    """References of the matches whose targets are wanted too: elements to them, and the type of target ("" for any)."""

    path: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it is carried out.

    Attributes:
        used: parameters as sent, without those left out.
        left_out: number of parameters we do not know.
        start: place of the page's first match.
        size: most matches on the page.
    """

    used: Given
    left_out: int
    asked: Asked
    includes: tuple[Include, ...]
    start: int
    size: int


def query_of(request: HttpRequest, shelf: Shelf, patients: frozenset[int] | None) -> Query:
    """The search of a request, of the patients its caller may see (None for everyone)."""
    given = _given(request)
    used = [(name, value) for name, value in given if _is_known(shelf, name, value)]
    left_out = len(given) - len(used)
    if left_out and not _is_lenient(request):
        raise Refused(400, "not-supported", f"{shelf.name} is not searched by that; see /fhir/metadata")
    return Query(
        used=used,
        left_out=left_out,
        asked=Asked(_finding(shelf, used), _ids(used), patients, _order(used)),
        includes=tuple(_include(shelf, value) for name, value in used if name == "_include"),
        start=_number(used, "_page", 0),
        size=min(_number(used, "_count", USUAL), MOST),
    )


def _given(request: HttpRequest) -> Given:
    """Parameters in the order sent, those of the address before those of the form."""
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if request.method == "POST":
        given += [(name, value) for name, values in request.POST.lists() for value in values]
    if len(given) > MOST_VALUES:
        raise too_many()
    if any("\x00" in text for pair in given for text in pair):
        raise Refused(400, "value", "a value holds a character that no text has")
    return given


def _is_lenient(request: HttpRequest) -> bool:
    wishes = [one.strip().lower() for one in request.headers.get("Prefer", "").replace(";", ",").split(",")]
    return "handling=lenient" in wishes and "handling=strict" not in wishes


def _is_known(shelf: Shelf, name: str, value: str) -> bool:
    """Is this a parameter of ours, with a value that we can act on? Refused for a modifier, which changes what it means."""
    own = {"_id", "_sort", "_include", *_RESULT, *shelf.parameters}
    if name not in own and name.partition(":")[0] in own:
        raise Refused(400, "not-supported", "modifiers and named targets of a parameter are not understood here")
    if name == "_sort":
        return all(key.removeprefix("-") in shelf.sorts for key in value.split(","))
    if name == "_include":
        kind, _, reference = value.partition(":")
        return kind == shelf.name and reference.partition(":")[0] in shelf.includes
    return name in own


def _finding(shelf: Shelf, used: Given) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in used if name in shelf.parameters)


def _ids(used: Given) -> tuple[str, ...] | None:
    """The ids that every ``_id`` allows; None when none was sent."""
    ids: tuple[str, ...] | None = None
    for value in (value for name, value in used if name == "_id"):
        wanted = tuple(one for one in value.split(",") if one)
        if len(wanted) > MOST_VALUES:
            raise too_many()
        ids = wanted if ids is None else tuple(one for one in ids if one in wanted)
    return ids


def _order(used: Given) -> tuple[tuple[str, bool], ...]:
    """Parameters to sort by, each the first time it is named, and whether the last comes first."""
    order: dict[str, bool] = {}
    for key in (key for name, value in used if name == "_sort" for key in value.split(",")):
        order.setdefault(key.removeprefix("-"), key.startswith("-"))
    return tuple(order.items())


def _include(shelf: Shelf, value: str) -> Include:
    _, reference, *target = value.split(":", 2)
    return Include(shelf.includes[reference], target[0] if target else "")


def _number(given: Iterable[tuple[str, str]], name: str, usual: int) -> int:
    value = next((text for key, text in given if key == name), "")
    if not value:
        return usual
    if not is_key(value):
        raise Refused(400, "value", f"{name} takes a whole number")
    return int(value)
