"""An anchor: how far the ledger had grown and the hash it ended with, kept outside, where its keeper cannot reach it.

Whoever owns the file can compute a whole new chain, or cut off its end; only what is kept elsewhere shows that. An anchor
that lists every entry's id and the beginning of its hash also tells which entry was rewritten or cut off.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.ledger.store import Ledger, system_clock

FORMAT = "careledger.anchor.1"
_BEGINNING = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The ledger's head at a time.

    Attributes:
        sequence: the last entry's place; 0 for an empty ledger.
        hash: its hash; the hash of the ledger's origin for an empty ledger.
        entry_id: its id; empty for an empty ledger.
        count: how many entries there were.
        anchored_s: when the anchor was taken, seconds UTC.
        entries: of every entry its id and the beginning of its hash; empty in a small anchor.
    """

    ledger_id: str
    sequence: int
    hash: str
    entry_id: str
    count: int
    anchored_s: int
    entries: tuple[tuple[str, str], ...] = ()


def anchor_of(ledger: Ledger, *, every_entry: bool = False, now_s: int | None = None) -> Anchor:
    """The ledger's anchor as it stands now.

    Args:
        every_entry: list every entry, so that a later verification can name what was rewritten or cut off.
        now_s: the time to write down; the system's clock when None.
    """
    listed = [(entry.entry_id, beginning(entry.hash)) for entry in ledger.entries()] if every_entry else []
    head = ledger.find(listed[-1][0]) if listed else ledger.head()
    return Anchor(
        ledger_id=ledger.origin.ledger_id,
        sequence=0 if head is None else head.sequence,
        hash=ledger.origin.hash if head is None else head.hash,
        entry_id="" if head is None else head.entry_id,
        count=0 if head is None else head.sequence,
        anchored_s=system_clock() if now_s is None else now_s,
        entries=tuple(listed),
    )


def beginning(hash_: str) -> str:
    """The part of a hash that an anchor lists for every entry."""
    return hash_[:_BEGINNING]


def write_anchor(anchor: Anchor, path: Path) -> None:
    """Write an anchor as JSON, whole or not at all."""
    cells = {"format": FORMAT, **asdict(anchor)}
    if not anchor.entries:
        del cells["entries"]
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.write_text(json.dumps(cells, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)


def read_anchor(path: Path) -> Anchor:
    """An anchor from its file; InputError when it is none."""
    try:
        cells: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if cells.pop("format") != FORMAT:
            raise ValueError("another format")
        listed = tuple((str(id_), str(hash_)) for id_, hash_ in cells.pop("entries", ()))
        anchor = Anchor(**cells, entries=listed)
        if not all(type(number) is int for number in (anchor.sequence, anchor.count, anchor.anchored_s)):
            raise ValueError("no number")
        if listed and len(listed) != anchor.sequence:
            raise ValueError("the list and the sequence differ")
        return anchor
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise InputError(Place(path.name), "this is no anchor of a ledger", "name the file that `ledger anchor` wrote") from None  # fmt: skip
