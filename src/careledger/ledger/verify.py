"""Is the ledger what was recorded? Needs only the file and, for what the file itself cannot show, anchors kept elsewhere.

The chain shows an entry that was altered, deleted, moved or put in. A chain computed anew, or cut off at its end, shows
only against an anchor.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careledger.core.errors import LedgerError
from careledger.core.ledger import Origin
from careledger.ledger import database
from careledger.ledger.anchor import Anchor, beginning
from careledger.ledger.chain import Fault, Row, chain_faults
from careledger.ledger.meaning import meaning_faults

GUARDS = ("entries_no_update", "entries_no_delete", "entries_at_the_end", "origin_no_update", "origin_no_delete", "origin_once")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a verification found.

    Attributes:
        ledger_id: the ledger's name, empty when the file tells none.
        count: entries in the file.
        head_hash: hash of the last one; of the origin for an empty ledger.
        anchors: how many anchors it was held against.
        faults: what is wrong, in the order of the ledger; empty when nothing is.
    """

    ledger_id: str
    count: int
    head_hash: str
    anchors: int
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        return not self.faults

    def lines(self) -> list[str]:
        """The result for people, a line a fault."""
        if self.is_sound:
            held = (
                f"and agrees with {self.anchors} anchor(s)"
                if self.anchors
                else "(no anchor given: a cut end would not show)"
            )
            return [f"sound: {self.count:,} entries of ledger {self.ledger_id}, head {self.head_hash[:16]}, {held}"]
        return [*map(str, self.faults), f"NOT SOUND: {len(self.faults)} fault(s) in {self.count:,} entries"]


def verify(path: Path, anchors: Sequence[Anchor] = ()) -> Verification:
    """Verify a ledger's file.

    Args:
        path: the file.
        anchors: heads of the ledger at earlier times, kept outside.

    Raises:
        LedgerError: the file is no ledger at all.
    """
    con = database.connect_reading(path)
    con.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        origin = database.read_origin(con, path.name)
        rows = [Row.of(*cells) for cells in con.execute("SELECT sequence, body, hash FROM entries ORDER BY sequence")]
        faults = _file_faults(con)
    except sqlite3.Error as error:
        raise LedgerError(f"{path.name}: the file is damaged and cannot be read to its end ({error})") from error
    finally:
        con.close()
    faults += chain_faults(rows, origin)
    faults += meaning_faults(rows, origin)
    for anchor in sorted(anchors, key=lambda one: one.sequence):
        faults += _anchor_faults(rows, origin, anchor, _last_good(rows, anchors))
    return Verification(
        ledger_id=origin.ledger_id,
        count=len(rows),
        head_hash=rows[-1].kept_hash if rows else origin.hash,
        anchors=len(anchors),
        faults=tuple(dict.fromkeys(faults)),
    )


def _file_faults(con: sqlite3.Connection) -> list[Fault]:
    there = {name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    faults = [
        Fault("unguarded", None, None, f"the trigger {guard}, which refuses changes, was taken away")
        for guard in GUARDS
        if guard not in there
    ]
    (state,) = con.execute("PRAGMA integrity_check(1)").fetchone()
    if state != "ok":
        faults.append(Fault("damaged", None, None, f"the database file is damaged: {state}"))
    return faults


def _last_good(rows: Sequence[Row], anchors: Sequence[Anchor]) -> int:
    """The last anchored sequence at which the ledger still is what was anchored."""
    hashes = {row.place: row.kept_hash for row in rows}
    return max((one.sequence for one in anchors if hashes.get(one.sequence) == one.hash), default=0)


def _anchor_faults(rows: Sequence[Row], origin: Origin, anchor: Anchor, good: int) -> list[Fault]:
    if anchor.ledger_id != origin.ledger_id:
        return [Fault("exchanged", None, None, f"the anchor is of ledger {anchor.ledger_id}, this file is another one")]
    faults = _listed_faults(rows, anchor)
    last = rows[-1].place if rows else 0
    if last < anchor.sequence:
        faults += _cut_off(last, anchor)
    elif not faults and anchor.sequence and not _holds(rows, anchor):
        says = (
            f"not the entry that was anchored: it, or one after sequence {good}, was rewritten and the chain computed "
            f"anew (anchored: entry {anchor.entry_id}, {beginning(anchor.hash)}...)"
        )
        there = next((row.entry_id for row in rows if row.place == anchor.sequence), None)
        faults.append(Fault("rewritten", anchor.sequence, there, says))
    return faults


def _holds(rows: Sequence[Row], anchor: Anchor) -> bool:
    return any(row.place == anchor.sequence and row.kept_hash == anchor.hash for row in rows)


def _cut_off(last: int, anchor: Anchor) -> list[Fault]:
    """The entries that an anchor knows and the file no longer has at its end, each by name where the anchor has it."""
    if anchor.entries:
        return [
            Fault("truncated", place, anchor.entries[place - 1][0], "cut off: it was there when the anchor was taken")
            for place in range(last + 1, anchor.sequence + 1)
        ]
    gone = anchor.sequence - last
    says = f"cut off, with all {gone} entries from sequence {last + 1} on: it was the head when the anchor was taken"
    return [Fault("truncated", anchor.sequence, anchor.entry_id, says)]


def _listed_faults(rows: Sequence[Row], anchor: Anchor) -> list[Fault]:
    """Entries whose hash is no longer the one that was listed; of a chain computed anew, only where it starts."""
    for row in rows:
        if 1 <= row.place <= len(anchor.entries):
            id_, hash_ = anchor.entries[row.place - 1]
            if beginning(row.kept_hash) != hash_:
                says = f"rewritten: entry {id_} with another hash stood here when the anchor was taken"
                return [Fault("rewritten", row.place, row.entry_id, says)]
    return []
