"""Resources that a page's matches refer to (``_include``): only what the token may read, and of its own patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careledger.web.fhir_api.asking import MOST, Include
from careledger.web.fhir_api.doors import Caller
from careledger.web.fhir_api.shelves import Asked, Found, Json, Shelf
from careledger.web.fhir_api.sight import Sight


@dataclass(slots=True)
class Included:
    """What came along, by type, and how many references lead to types that the token has no scope for."""

    found: dict[str, Found] = field(default_factory=dict)
    withheld: int = 0

    @property
    def resources(self) -> list[Json]:
        return [one for found in self.found.values() for one in found.resources]


def included(
    matches: Sequence[Json], includes: Sequence[Include], shelves: Mapping[str, Shelf], sight: Sight, caller: Caller
) -> Included:
    """The targets of the matches' references, each once. A target that is not there, or not the caller's, is left out."""
    made = Included()
    for kind, ids in _targets(matches, includes).items():
        if kind not in shelves:
            continue
        if caller.may(kind, "r"):
            made.found[kind] = _read(shelves[kind], ids, sight, caller)
        else:
            made.withheld += len(ids)
    return made


def _targets(matches: Sequence[Json], includes: Sequence[Include]) -> dict[str, list[str]]:
    """Type to the ids referred to, in the order met; what is on the page as a match needs no second copy."""
    there = {(one["resourceType"], one["id"]) for one in matches}
    wanted: dict[str, dict[str, None]] = {}
    for include in includes:
        for reference in (each for one in matches for each in references(one, include.path)):
            kind, _, id_ = reference.partition("/")
            if id_ and include.target in ("", kind) and (kind, id_) not in there:
                wanted.setdefault(kind, {})[id_] = None
    return {kind: list(ids) for kind, ids in wanted.items()}


def references(node: Any, path: Sequence[str]) -> Iterator[str]:
    """The references under the elements of a path, through every list on the way."""
    if isinstance(node, list):
        for one in node:
            yield from references(one, path)
    elif isinstance(node, dict):
        if path:
            yield from references(node.get(path[0]), path[1:])
        elif "reference" in node:
            yield node["reference"]


def _read(shelf: Shelf, ids: Sequence[str], sight: Sight, caller: Caller) -> Found:
    resources: list[Json] = []
    patients: set[int] = set()
    for part in _parts(ids):
        _, found = shelf.page(Asked(ids=part, patients=caller.patients), sight, 0, len(part))
        resources += found.resources
        patients |= found.patients
    return Found(resources, frozenset(patients))


def _parts(ids: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(ids[at : at + MOST]) for at in range(0, len(ids), MOST))
