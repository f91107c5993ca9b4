"""What the mappings share: the resources by reference, and what could not be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from careledger.fhir.reading import Found

Json = dict[str, Any]


@dataclass(slots=True)
class Context:
    """Resources of one import, findable by any reference FHIR allows, with counts of what was set aside and why."""

    by_type: dict[str, dict[str, Found]] = field(default_factory=dict)
    alias: dict[str, str] = field(default_factory=dict)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, found: Found) -> bool:
        """Take a resource in; a later version replaces an earlier one. False when it cannot be named."""
        resource = found.resource
        id_ = resource.get("id") or (found.full_url or "").rpartition(":")[2].rpartition("/")[2]
        if not id_:
            return False
        kind = resource["resourceType"]
        resource["id"] = str(id_)
        held = self.by_type.setdefault(kind, {}).get(resource["id"])
        if held is None or _version(resource) >= _version(held.resource):
            self.by_type[kind][resource["id"]] = found
        key = f"{kind}/{resource['id']}"
        if found.full_url:
            self.alias[found.full_url] = key
        for identifier in resource.get("identifier") or []:
            if isinstance(identifier, dict) and identifier.get("value"):
                self.alias[f"{kind}?identifier={identifier.get('system', '')}|{identifier['value']}"] = key
        return True

    def all(self, kind: str) -> Iterator[Json]:
        """Resources of a type, in the order of their ids."""
        for id_ in sorted(self.by_type.get(kind, {})):
            yield self.by_type[kind][id_].resource

    def id_of(self, reference: Any, kind: str) -> str | None:
        """The id a reference points to, when it points to a resource of the kind that is here."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str):
            return None
        key = self.alias.get(text) or "/".join(text.split("/_history")[0].split("/")[-2:])
        type_, _, id_ = key.partition("/")
        return id_ if type_ == kind and id_ in self.by_type.get(kind, {}) else None

    def get(self, reference: Any, kind: str) -> Json | None:
        """The resource a reference points to."""
        id_ = self.id_of(reference, kind)
        return None if id_ is None else self.by_type[kind][id_].resource

    def skip(self, kind: str, why: str) -> None:
        self.skipped[kind, why] += 1


def _version(resource: Json) -> str:
    return str((resource.get("meta") or {}).get("lastUpdated") or "")
