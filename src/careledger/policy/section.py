"""One mapping of a policy file, read key by key, and the raw entries found in it.

Reading never stops at the first mistake: whatever does not fit becomes a problem with its line, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from careledger.core.errors import Place
from careledger.policy.model import BASE
from careledger.policy.strict_yaml import Document, Path_, kind_of

ENTRY_KEYS = ("from", "to", "value", "cite", "confirmed", "disputed", "note", "absent")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a policy file that must be mended: where, what, how."""

    place: Place
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}; {self.mend}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One dated value as it stands in a file."""

    id: str
    layer: str
    since: date
    until: date | None
    value: Any
    cite: tuple[str, ...]
    confirmed: bool = True
    disputed: bool = False
    note: str | None = None
    absent: bool = False
    document: Document
    path: Path_

    @property
    def place(self) -> Place:
        return Place(self.document.file, self.document.line_of(self.path), self.id)


@dataclass(slots=True)
class Bundle:
    """Everything read from the files, and what is wrong with it."""

    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    source_places: dict[str, Place] = field(default_factory=dict)
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    activity_places: dict[str, Place] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    conflicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    payers: dict[str, dict[str, Any]] = field(default_factory=dict)
    overlays: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    named_codes: list[tuple[str, Place]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, problem: str, mend: str) -> None:
        """Note a problem and go on reading."""
        self.problems.append(Problem(place, problem, mend))


class Section:
    """A mapping in a document, read key by key; unknown and missing keys and wrong kinds become problems."""

    def __init__(self, bundle: Bundle, document: Document, path: Path_ = (), data: Any = ...) -> None:
        self.bundle = bundle
        self.document = document
        self.path = path
        raw = document.data if data is ... else data
        self.data: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if raw is not self.data:
            self.refuse((), f"{kind_of(raw)} where a mapping belongs", "write 'key: value' lines")

    def place(self, *keys: str | int) -> Place:
        return self.document.place((*self.path, *keys))

    def refuse(self, keys: Path_, problem: str, mend: str) -> None:
        self.bundle.refuse(self.place(*keys), problem, mend)

    def keys(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        for key in self.data:
            if key not in required and key not in optional:
                self.refuse((key,), "an unknown key", f"allowed are {', '.join(dict.fromkeys((*required, *optional)))}")
        for key in required:
            if key not in self.data:
                self.refuse((), f"the key {key} is missing", f"add '{key}:'")

    def text(self, key: str) -> str:
        value = self.data.get(key, "")
        if not isinstance(value, str):
            self.refuse((key,), f"{kind_of(value)} where text belongs", "put it in quotes")
            return ""
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.data.get(key) is not None else None

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.refuse((key,), f"{kind_of(value)} where true or false belongs", "write true or false")
            return default
        return value

    def day(self, key: str) -> date | None:
        value = self.data.get(key)
        if value is None or isinstance(value, date):
            return value
        self.refuse((key,), f"{kind_of(value)} where a date belongs", "write YYYY-MM-DD, without quotes")
        return None

    def day_text(self, key: str) -> str | None:
        day = self.day(key)
        return None if day is None else day.isoformat()

    def word(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if key in self.data and value not in allowed:
            self.refuse((key,), "a word that is not allowed here", f"allowed are {', '.join(allowed)}")
        return value

    def words(self, key: str) -> list[str]:
        raw = self.data.get(key, [])
        if not isinstance(raw, list):
            self.refuse((key,), f"{kind_of(raw)} where a list belongs", "write [a, b]")
            return []
        for at, item in enumerate(raw):
            if not isinstance(item, str):
                self.refuse((key, at), f"{kind_of(item)} where text belongs", 'put codes in quotes: "99490"')
        return [item for item in raw if isinstance(item, str)]

    def code_list(self, key: str) -> list[str]:
        """Codes, or ``@group`` for a group of conflicts/groups.yaml."""
        found: list[str] = []
        for at, item in enumerate(self.words(key)):
            if not item.startswith("@"):
                self.bundle.named_codes.append((item, self.place(key, at)))
                found.append(item)
            elif item[1:] in self.bundle.groups:
                found.extend(self.bundle.groups[item[1:]])
            else:
                self.refuse((key, at), "an unknown group of codes", "name a group of conflicts/groups.yaml")
        return found

    def section(self, key: str) -> Section:
        return Section(self.bundle, self.document, (*self.path, key), self.data.get(key, {}))

    def sections(self, key: str) -> Iterator[tuple[str, Section]]:
        inner = self.section(key)
        for name in inner.data:
            yield name, inner.section(name)

    def entries(self, id_: str, key: str, layer: str = BASE) -> None:
        """The dated values under a key."""
        raw = self.data.get(key)
        if not isinstance(raw, list) or not raw:
            self.refuse(
                (key,), f"{kind_of(raw)} where a list of dated values belongs", "write - {from: ..., value: ...}"
            )
            return
        rows = [Section(self.bundle, self.document, (*self.path, key, at), item) for at, item in enumerate(raw)]
        starts = [row.day("from") for row in rows]
        for row, following in zip(rows, [*starts[1:], None], strict=True):
            row.entry(id_, layer, following)

    def entry(self, id_: str, layer: str, following: date | None) -> None:
        self.keys(("from", "cite"), ENTRY_KEYS)
        since = self.day("from")
        if since is None:
            return
        until = self.day("to")
        if until is None and following is not None and following > since:
            until = following - timedelta(days=1)
        self.bundle.entries.append(
            Entry(
                id=id_,
                layer=layer,
                since=since,
                until=until,
                value=self.data.get("value"),
                cite=tuple(self.words("cite")),
                confirmed=self.flag("confirmed", True),
                disputed=self.flag("disputed", False),
                note=self.optional_text("note"),
                absent=self.flag("absent", False),
                document=self.document,
                path=self.path,
            )
        )
