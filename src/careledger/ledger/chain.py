"""What a chain of entries shows by itself: content that left its hash, places left or filled, links that do not hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from careledger.core.ledger import LedgerEntry, Origin, digest, parse


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a ledger: what kind, at which place, in which entry, and what it is."""

    kind: str
    sequence: int | None
    entry_id: str | None
    says: str

    def __str__(self) -> str:
        where = "" if self.sequence is None else f"sequence {self.sequence}: "
        which = "" if self.entry_id is None else f"entry {self.entry_id}: "
        return f"{self.kind.upper()}: {where}{which}{self.says}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file.

    Attributes:
        place: the sequence number it stands under.
        kept_hash: the hash written beside it; ``true_hash`` is that of its content.
        entry: what it says; None when that cannot be read.
    """

    place: int
    kept_hash: str
    true_hash: str
    entry_id: str | None
    entry: LedgerEntry | None

    @classmethod
    def of(cls, place: int, body: str, kept_hash: str) -> Row:
        try:
            entry = parse(body)
            return cls(place, kept_hash, entry.hash, entry.entry_id, entry)
        except ValueError:
            return cls(place, kept_hash, digest(body), _id_in(body), None)

    @property
    def said(self) -> int:
        """The sequence its content names, as far as it can be read."""
        return self.place if self.entry is None else self.entry.sequence


def chain_faults(rows: Sequence[Row], origin: Origin) -> list[Fault]:
    """Every fault that the rows show against each other, by place."""
    faults = [*_altered(rows), *_inserted(rows), *_moved(rows), *_missing(rows), *_unlinked(rows, origin)]
    return sorted(faults, key=lambda fault: fault.sequence or 0)


def _altered(rows: Sequence[Row]) -> list[Fault]:
    faults = []
    for row in rows:
        if row.entry is None:
            says = "altered: its text is not one that the ledger writes"
        elif row.true_hash != row.kept_hash:
            says = "altered: its content does not match its hash"
        else:
            continue
        faults.append(Fault("altered", row.place, row.entry_id, says))
    return faults


def _inserted(rows: Sequence[Row]) -> list[Fault]:
    """Of several rows that claim one sequence, those that the entry behind them is not chained to."""
    faults = []
    for said, claimants in _by_said(rows).items():
        if len(claimants) > 1:
            genuine = _genuine(claimants, rows, said)
            faults += [
                Fault("inserted", row.place, row.entry_id, f"inserted: sequence {said} is entry {genuine.entry_id}")
                for row in claimants
                if row is not genuine
            ]
    return faults


def _genuine(claimants: Sequence[Row], rows: Sequence[Row], said: int) -> Row:
    after = {row.entry.previous_hash for row in rows if row.entry is not None and row.entry.sequence == said + 1}
    before = {row.true_hash for row in rows if row.said == said - 1}
    by_next = [row for row in claimants if row.true_hash in after]
    by_previous = [row for row in claimants if row.entry is not None and row.entry.previous_hash in before]
    return (by_next or by_previous or list(claimants))[0]


def _moved(rows: Sequence[Row]) -> list[Fault]:
    """Entries that stand elsewhere than they were recorded; what moved together is told once."""
    faults: list[Fault] = []
    run: list[Row] = []
    for row in [*rows, None]:
        if row is not None and run and row.said != row.place and _shift(row) == _shift(run[-1]) and row.place == run[-1].place + 1:  # fmt: skip
            run.append(row)
            continue
        if run:
            faults.append(_moved_fault(run))
        run = [row] if row is not None and row.said != row.place else []
    return faults


def _moved_fault(run: Sequence[Row]) -> Fault:
    first, last = run[0], run[-1]
    rest = f", and so are those up to sequence {last.place} (entry {last.entry_id})" if len(run) > 1 else ""
    says = f"moved: it was recorded as sequence {first.said}{rest}"
    return Fault("reordered", first.place, first.entry_id, says)


def _shift(row: Row) -> int:
    return row.said - row.place


def _missing(rows: Sequence[Row]) -> list[Fault]:
    """Sequences that nothing claims, up to the last one claimed."""
    there = _by_said(rows)
    gaps: list[Fault] = []
    for said in sorted(there):
        before = max((other for other in there if other < said), default=0) if said - 1 not in there else said - 1
        if said - before > 1:
            gone = f"sequence {before + 1}" if said - before == 2 else f"sequences {before + 1} to {said - 1}"
            ahead = f"behind entry {there[before][0].entry_id}" if before else "at the beginning"
            says = f"deleted: {gone}, {ahead} and ahead of entry {there[said][0].entry_id}"
            gaps.append(Fault("deleted", before + 1, None, says))
    return gaps


def _unlinked(rows: Sequence[Row], origin: Origin) -> list[Fault]:
    """Neighbours of which the later one is chained to something else than the earlier one."""
    by_said = _by_said(rows)
    known = {row.true_hash for row in rows}
    faults = []
    for row in rows:
        if row.entry is None or len(by_said[row.said]) > 1:
            continue
        if row.said == 1:
            if row.entry.previous_hash != origin.hash:
                says = "not chained to this ledger's origin: the origin, or this entry, was altered or exchanged"
                faults.append(Fault("altered", row.place, row.entry_id, says))
            continue
        before = by_said.get(row.said - 1, [])
        if before and all(row.entry.previous_hash not in (one.kept_hash, one.true_hash) for one in before):
            faults.append(_link_fault(row, before[0], known))
    return faults


def _link_fault(row: Row, before: Row, known: set[str]) -> Fault:
    """Which of two neighbours is wrong: a chain to another entry of the file was made up, one to lost content was true."""
    if row.entry is not None and row.entry.previous_hash in known:
        says = f"put in: it is not chained to entry {before.entry_id} ahead of it, but to another one"
        return Fault("inserted", row.place, row.entry_id, says)
    says = f"altered and hashed anew, or put in its place: entry {row.entry_id} behind it is chained to other content"
    return Fault("altered", before.place, before.entry_id, says)


def _by_said(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.said, []).append(row)
    return found


def _id_in(body: str) -> str | None:
    """The entry id in a text that is not canonical, as far as it is still JSON."""
    try:
        found = json.loads(body)["entry_id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, str) else None
