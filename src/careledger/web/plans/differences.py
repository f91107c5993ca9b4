"""What differs between two versions of a plan, item by item and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from careledger.web.plans.content import PARTS, Content, Item, Part, problem_names


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with its words in runs; a run is kept (``same``), new (``ins``) or gone (``del``)."""

    label: str
    runs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that is new, gone or changed."""

    kind: str
    part: str
    title: str
    fields: tuple[FieldChange, ...]


def differences(before: Content, after: Content) -> list[ItemChange]:
    """Every item that differs, in the order of the plan."""
    return [change for part in PARTS.values() for change in _of_part(part, before, after)]


def _of_part(part: Part, before: Content, after: Content) -> Iterator[ItemChange]:
    old = {item["id"]: item for item in before.get(part.id, ())}
    new = {item["id"]: item for item in after.get(part.id, ())}
    for id_, item in new.items():
        was = _shown(part, old.get(id_), before)
        if fields := tuple(_changes(part, was, _shown(part, item, after))):
            yield ItemChange("changed" if id_ in old else "added", part.label, title_of(part, item), fields)
    for id_, item in old.items():
        if id_ not in new:
            fields = tuple(_changes(part, _shown(part, item, before), {}))
            yield ItemChange("removed", part.label, title_of(part, item), fields)


def title_of(part: Part, item: Item) -> str:
    """An item's name for people."""
    title = str(item.get(part.title, ""))
    return title.replace("_", " ").capitalize() if part.id == "texts" else title


def _shown(part: Part, item: Item | None, content: Content) -> dict[str, str]:
    return {} if item is None else {name: as_words(item.get(name), content) for name in part.names}


def as_words(value: Any, content: Content) -> str:
    """A field's value as text; problems by their names."""
    return ", ".join(problem_names(content, value)) if isinstance(value, list) else str(value or "")


def _changes(part: Part, old: dict[str, str], new: dict[str, str]) -> Iterator[FieldChange]:
    for name, label in part.names.items():
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            yield FieldChange(label, tuple(word_runs(before, after)))


def word_runs(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Runs of words that two texts share, and that only one of them has."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", "".join(old[a:b])
            continue
        if a < b:
            yield "del", "".join(old[a:b])
        if c < d:
            yield "ins", "".join(new[c:d])
