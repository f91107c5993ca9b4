"""Shelves: each type of resource with the rows it comes from, how it is searched, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from careledger.fhir.held.server import Served
from careledger.web.fhir_api.search import Parameter, is_key
from careledger.web.fhir_api.sight import Sight

Json = dict[str, Any]
BATCH = 500
"""Rows turned into resources at a time in an export."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table that become resources of a type.

    Attributes:
        prefix: what the ids of these rows begin with, where several tables share a type.
        rows: the rows in scope, in a lasting order.
        patient: how a query reaches the patient's number; empty for what belongs to no patient.
        build: the resource of a row.
        key: the condition for the row of an id (without its prefix); None for what can be no id.
        owner: the number of the patient a row belongs to.
        search: parameters; one that a source lacks finds nothing in it.
    """

    rows: Callable[[], QuerySet[Any]]
    build: Callable[[Any, Sight], Json]
    patient: str = ""
    prefix: str = ""
    owner: Callable[[Any], int | None] = lambda row: row.patient_id
    key: Callable[[str], Q | None] = lambda text: Q(pk=int(text)) if is_key(text) else None
    search: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks: pairs of parameter and value, ids, whose resources (None for everyone's), and their order.

    The order is parameters with whether the last comes first; what has no date comes last either way.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] | None = None
    patients: frozenset[int] | None = None
    order: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Resources with the patients they belong to."""

    resources: list[Json]
    patients: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A type of resource and its sources.

    Attributes:
        includes: reference parameters whose targets may come along, with the elements that hold the references.
    """

    name: str
    sources: tuple[Source, ...]
    writes: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    includes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_of_patients(self) -> bool:
        return bool(self.sources[0].patient)

    @property
    def parameters(self) -> dict[str, Parameter]:
        return {name: one for source in self.sources for name, one in source.search.items()}

    @property
    def sorts(self) -> tuple[str, ...]:
        """Parameters that a search may be sorted by: in every table that shares the type."""
        searches = [source.search for source in self.sources]
        return tuple(name for name in self.parameters if all(name in one and one[name].sorts_by for one in searches))

    def served(self) -> Served:
        """As the CapabilityStatement says it."""
        search = {"_id": "token", **{name: one.type for name, one in self.parameters.items()}}
        return Served(
            self.name,
            search,
            self.writes,
            self.operations,
            includes=tuple(f"{self.name}:{name}" for name in self.includes),
            sorts=self.sorts,
            is_versioned=self.is_of_patients,
        )

    def page(self, asked: Asked, sight: Sight, start: int, size: int) -> tuple[int, Found]:
        """How many there are, and those of a page."""
        if asked.order and len(self.sources) > 1:
            return merged(self.sources, asked, sight, start, size)
        total, rows = 0, []
        for source in self.sources:
            found = _filtered(source, asked)
            count = found.count()
            first = max(0, start - total)
            if first < count and len(rows) < size:
                rows += [(source, row) for row in found[first : first + size - len(rows)]]
            total += count
        return total, _built(rows, sight)

    def one(self, id_: str, sight: Sight, patients: frozenset[int] | None) -> Found | None:
        """The resource of an id, if it is there and may be seen."""
        _, found = self.page(Asked(ids=(id_,), patients=patients), sight, 0, 1)
        return found if found.resources else None

    def all(self, sight: Sight, patients: frozenset[int] | None) -> Iterator[Found]:
        """Everything, in batches, for an export."""
        for source in self.sources:
            rows = _filtered(source, Asked(patients=patients))
            start = 0
            while batch := list(rows[start : start + BATCH]):
                yield _built([(source, row) for row in batch], sight)
                start += BATCH


def _filtered(source: Source, asked: Asked) -> QuerySet[Any]:
    rows = source.rows()
    if asked.patients is not None and source.patient:
        rows = rows.filter(**{f"{source.patient}__in": asked.patients})
    if asked.ids is not None:
        rows = rows.filter(_any_of(source, asked.ids))
    for name, value in asked.pairs:
        known = source.search.get(name)
        rows = rows.filter(known.condition(value) if known else Q(pk__in=()))
    return rows.order_by(*_terms(source, asked.order), *rows.query.order_by) if asked.order else rows


def _terms(source: Source, order: Sequence[tuple[str, bool]]) -> Iterator[OrderBy]:
    """What to order rows by; both databases put what is unknown last."""
    for name, is_last_first in order:
        for column in source.search[name].sorts_by:
            yield F(column).desc(nulls_last=True) if is_last_first else F(column).asc(nulls_last=True)


def merged(sources: Sequence[Source], asked: Asked, sight: Sight, start: int, size: int) -> tuple[int, Found]:
    """How many rows several tables hold together, and those of a page in their common order."""
    total, keys = 0, []
    for at, source in enumerate(sources):
        found = _filtered(source, asked)
        count = found.count()
        total += count
        columns = (source.search[name].sorts_by[0] for name, _ in asked.order)
        picked = found.values_list(*columns, "pk")[: min(start + size, count)]
        keys += [(_rank(values[:-1], asked.order), at, values[-1]) for values in picked]
    page = sorted(keys)[start : start + size]
    rows: dict[tuple[int, Any], Any] = {}
    for at, source in enumerate(sources):
        wanted = [pk for _, of, pk in page if of == at]
        rows |= {(at, row.pk): row for row in (source.rows().filter(pk__in=wanted) if wanted else ())}
    return total, _built([(sources[at], rows[at, pk]) for _, at, pk in page], sight)


def _rank(days: Sequence[date | None], order: Sequence[tuple[str, bool]]) -> list[tuple[bool, int]]:
    """Where a row stands among those of other tables: unknown days last."""
    return [
        (day is None, 0 if day is None else -day.toordinal() if is_last_first else day.toordinal())
        for day, (_, is_last_first) in zip(days, order, strict=True)
    ]


def _any_of(source: Source, ids: Sequence[str]) -> Q:
    wanted = Q(pk__in=())
    for id_ in ids:
        condition = source.key(id_.removeprefix(source.prefix)) if id_.startswith(source.prefix) else None
        wanted = wanted | condition if condition is not None else wanted
    return wanted


def _built(rows: list[tuple[Source, Any]], sight: Sight) -> Found:
    owners = frozenset(owner for source, row in rows if source.patient and (owner := source.owner(row)))
    sight.look_at(owners)
    return Found([source.build(row, sight) for source, row in rows], owners)
