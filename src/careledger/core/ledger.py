"""One step of the time ledger: what it holds, its canonical text, and the chain of hashes that binds it to the one before.

The ledger only grows. Work is ``logged``; a correction is a new entry that ``voided`` an earlier one, or ``replaced`` it by
other work. The canonical text of an entry is JSON in ASCII with sorted keys and no spaces; what is unknown is left out, so
that a column which ``TimeEntry`` gains later changes no hash of an entry written before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args

from careledger.core.records import TimeEntry

Kind = Literal["logged", "voided", "replaced"]
KINDS: tuple[str, ...] = get_args(Kind)
FLAGS = ("imported", "late", "overlap")
"""imported: taken over from another system, which says when it was recorded. late: recorded more days after the work than
the ledger allows. overlap: the same person had already logged part of the stretch, and it was recorded all the same."""

_FORMAT = "careledger.ledger.1"
_TYPES: Mapping[str, type] = {"str": str, "bool": bool, "int": int, "date": date, "tuple[str, ...]": tuple}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An entry of the ledger.

    Attributes:
        sequence: place in the ledger, from 1, without gaps.
        entry_id: made by whoever writes, so that the same entry delivered twice is known.
        work: the work itself; None for ``voided``. Its ``recorded_s`` is what another system said, for imported work.
        refers_to: id of the entry that is voided or replaced.
        recorded_s: when the ledger took it in, seconds UTC, by the ledger's own clock.
        recorded_by: who wrote it.
        reason: why an entry is voided or replaced.
        flags: words of ``FLAGS``, sorted.
        previous_hash: the hash of the entry before, or the ledger's origin.
        hash: sha-256 of the canonical text; empty before ``seal``.
    """

    sequence: int
    entry_id: str
    kind: Kind
    recorded_s: int
    recorded_by: str
    previous_hash: str
    work: TimeEntry | None = None
    refers_to: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    hash: str = ""

    def says_the_same(self, other: LedgerEntry) -> bool:
        """Is it the same message, wherever and whenever it was taken in?"""
        return _message(self) == _message(other)

    def work_recorded_s(self) -> int:
        """When the work was first recorded: by this ledger, or by the system it was imported from."""
        claimed = self.work.recorded_s if self.work is not None else None
        return self.recorded_s if claimed is None else claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a ledger is bound to from its first entry on.

    Attributes:
        ledger_id: names the ledger, so that two cannot be exchanged.
        time_zone: IANA zone that tells in which day an entry without clock times lies.
        late_after_days: work recorded more days after its end is flagged late. A house value; no law sets it.
    """

    ledger_id: str
    time_zone: str
    late_after_days: int

    @property
    def hash(self) -> str:
        """What the first entry is chained to."""
        parts = {"late_after_days": self.late_after_days, "ledger_id": self.ledger_id, "time_zone": self.time_zone}
        return digest(_json({"format": _FORMAT, **parts}))


def canonical(entry: LedgerEntry) -> str:
    """The text that is hashed and kept: every field but the hash itself."""
    own = {"sequence": entry.sequence, "recorded_s": entry.recorded_s, "previous_hash": entry.previous_hash}
    return _json({**_message(entry), **own, "flags": list(entry.flags)})


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def seal(entry: LedgerEntry) -> LedgerEntry:
    """The entry with its hash."""
    return replace(entry, hash=digest(canonical(entry)))


def parse(text: str) -> LedgerEntry:
    """The entry a canonical text holds, sealed; ValueError when the text is not what ``canonical`` writes."""
    try:
        cells = json.loads(text)
        work = cells.pop("work", None)
        flags = tuple(cells.pop("flags"))
        entry = LedgerEntry(**cells, flags=flags, work=None if work is None else _work(cells["entry_id"], work))
        if not _is_well_formed(entry) or canonical(entry) != text:
            raise ValueError("another spelling")
    except (TypeError, KeyError, AttributeError, RecursionError, ValueError):
        raise ValueError("not the canonical text of an entry") from None
    return replace(entry, hash=digest(text))


def wrong_type(work: TimeEntry) -> str | None:
    """The first field of a time entry whose value is not of its type, or is text that UTF-8 cannot hold."""
    for field in fields(TimeEntry):
        if not _fits(getattr(work, field.name), str(field.type)):
            return field.name
    return None


def is_plain_text(value: object) -> bool:
    """Text without lone surrogates and without the character zero, which no database keeps faithfully."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _is_well_formed(entry: LedgerEntry) -> bool:
    words = (entry.entry_id, entry.recorded_by, entry.previous_hash)
    return (
        type(entry.sequence) is int
        and type(entry.recorded_s) is int
        and all(is_plain_text(word) for word in words)
        and all(word is None or is_plain_text(word) for word in (entry.refers_to, entry.reason))
        and set(entry.flags) <= set(FLAGS)
        and entry.kind in KINDS
        and (entry.work is None) == (entry.kind == "voided")
        and (entry.refers_to is None) == (entry.kind == "logged")
    )


def _fits(value: Any, type_: str) -> bool:
    if value is None:
        return type_.endswith(" | None")
    kind = _TYPES[type_.removesuffix(" | None")]
    if kind is tuple:
        return isinstance(value, tuple) and all(is_plain_text(part) and part.split() == [part] for part in value)
    if kind is str:
        return is_plain_text(value)
    return type(value) is kind and not (isinstance(value, int) and abs(value) >= 2**53)


def _message(entry: LedgerEntry) -> dict[str, Any]:
    """What whoever writes said; the rest is the ledger's own."""
    said = {
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "recorded_by": entry.recorded_by,
        "refers_to": entry.refers_to,
        "reason": entry.reason,
        "work": None if entry.work is None else _cells(entry.work),
    }
    return {name: value for name, value in said.items() if value is not None}


def _cells(work: TimeEntry) -> dict[str, Any]:
    found = {field.name: getattr(work, field.name) for field in fields(TimeEntry) if field.name != "entry_id"}
    return {name: _cell(value) for name, value in found.items() if value is not None}


def _cell(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _work(entry_id: str, cells: Mapping[str, Any]) -> TimeEntry:
    kinds = {field.name: str(field.type).removesuffix(" | None") for field in fields(TimeEntry)}
    values = {name: _read(kinds[name], value) for name, value in cells.items()}
    work = TimeEntry(entry_id=entry_id, **values)
    if wrong_type(work) is not None:
        raise ValueError("a value of the wrong type")
    return work


def _read(kind: str, value: Any) -> Any:
    if kind == "date":
        return date.fromisoformat(value)
    return tuple(value) if kind == "tuple[str, ...]" else value


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
