"""Shelves: each type of resource with the rows it comes from, how it is searched, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

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
    """What a search asks: pairs of parameter and value, ids, and whose resources (None for everyone's)."""

    pairs: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] | None = None
    patients: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Resources with the patients they belong to."""

    resources: list[Json]
    patients: frozenset[int]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A type of resource and its sources."""

    name: str
    sources: tuple[Source, ...]
    writes: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    @property
    def is_of_patients(self) -> bool:
        return bool(self.sources[0].patient)

    @property
    def parameters(self) -> dict[str, Parameter]:
        return {name: one for source in self.sources for name, one in source.search.items()}

    def served(self) -> Served:
        """As the CapabilityStatement says it."""
        search = {"_id": "token", **{name: one.type for name, one in self.parameters.items()}}
        return Served(self.name, search, self.writes, self.operations)

    def page(self, asked: Asked, sight: Sight, start: int, size: int) -> tuple[int, Found]:
        """How many there are, and those of a page."""
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
    return rows


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
