"""The time ledger: append, void, replace, read.

Every append is one transaction, on the disk before it returns. The same entry delivered twice is recorded once; the same
id with other content is refused. A correction is a new entry that refers to the old one; nothing is ever edited.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from uuid import uuid4
from zoneinfo import ZoneInfo

from careledger.core.errors import LedgerError
from careledger.core.ledger import LedgerEntry, Origin, canonical, is_plain_text, parse, seal
from careledger.core.records import TimeEntry
from careledger.ledger import database
from careledger.ledger.admission import DAY_S, EntryRefused, check_words, check_work, is_late

Clock = Callable[[], int]
LATE_AFTER_DAYS = 3
"""House value for a new ledger: work recorded more than three days after its end is flagged late. No law sets a number."""
CLOCK_SLACK_S = 300
"""How far a computer's clock may be set back (time servers do) before the ledger refuses to write."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an entry: as it stands in the ledger, and whether it was new or there already."""

    entry: LedgerEntry
    is_new: bool


def system_clock() -> int:
    """The computer's clock, seconds UTC."""
    return int(time.time())


def create(
    path: Path,
    *,
    ledger_id: str | None = None,
    time_zone: str = "America/New_York",
    late_after_days: int = LATE_AFTER_DAYS,
    clock: Clock = system_clock,
) -> Ledger:
    """Make a ledger and open it; LedgerError when the file exists or the zone is unknown."""
    try:
        ZoneInfo(time_zone)
    except (ValueError, OSError, KeyError):
        raise LedgerError(f"{path.name}: no such time zone; write an IANA name such as America/Chicago") from None
    if late_after_days < 0:
        raise LedgerError(f"{path.name}: late_after_days is negative; give the days after which an entry is late")
    origin = Origin(ledger_id=ledger_id or str(uuid4()), time_zone=time_zone, late_after_days=late_after_days)
    database.make(path, origin, clock())
    return Ledger(path, clock=clock)


class Ledger:
    """An open ledger. Several processes may write to one file; each append waits for its turn."""

    def __init__(self, path: Path, *, clock: Clock = system_clock) -> None:
        self.path = path
        self._clock = clock
        self._con = database.connect(path)
        self.origin: Origin = database.read_origin(self._con, path.name)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._con.close()

    def log(self, work: TimeEntry, *, recorded_by: str, allow_overlap: bool = False, imported: bool = False) -> Receipt:
        """Record work.

        Args:
            work: the stretch; its ``entry_id`` is the client's own.
            recorded_by: who writes it down.
            allow_overlap: record it, flagged, although the same person already logged part of the stretch.
            imported: it comes from another system, whose ``recorded_s`` is kept; otherwise only the ledger's clock counts.

        Raises:
            EntryRefused: the entry is not possible, or its id stands for something else.
        """
        check_words(work.entry_id, recorded_by, None, needs_reason=False)
        if not imported:
            _no_claimed_time(work)
        entry = _draft(kind="logged", work=work, entry_id=work.entry_id, recorded_by=recorded_by)
        return self._append(replace(entry, flags=("imported",) if imported else ()), overlap=allow_overlap)

    def void(self, refers_to: str, *, entry_id: str, reason: str, recorded_by: str) -> Receipt:
        """Take an entry back. It stays readable; it no longer counts."""
        check_words(entry_id, recorded_by, reason, needs_reason=True)
        entry = _draft(kind="voided", entry_id=entry_id, recorded_by=recorded_by, refers_to=refers_to, reason=reason)
        return self._append(entry)

    def replace(
        self, refers_to: str, work: TimeEntry, *, reason: str, recorded_by: str, allow_overlap: bool = False
    ) -> Receipt:
        """Put other work in the place of an entry, which stays readable. ``work.entry_id`` is the new entry's own id."""
        check_words(work.entry_id, recorded_by, reason, needs_reason=True)
        _no_claimed_time(work)
        entry = _draft(
            kind="replaced",
            entry_id=work.entry_id,
            recorded_by=recorded_by,
            refers_to=refers_to,
            reason=reason,
            work=work,
        )
        return self._append(entry, overlap=allow_overlap)

    def entries(self) -> Iterator[LedgerEntry]:
        """Every entry in the order recorded; LedgerError at the first one that cannot be read."""
        for row in self._con.execute("SELECT sequence, body FROM entries ORDER BY sequence"):
            yield self._parsed(*row)

    def current(self) -> list[LedgerEntry]:
        """The entries that hold: work neither voided nor replaced, in the order recorded."""
        rows = self._con.execute(
            "SELECT e.sequence, e.body FROM entries e WHERE e.kind <> 'voided' AND NOT EXISTS "
            "(SELECT 1 FROM entries c WHERE c.refers_to = e.entry_id) ORDER BY e.sequence"
        )
        return [self._parsed(*row) for row in rows]

    def find(self, entry_id: str) -> LedgerEntry | None:
        """An entry by its id."""
        row = self._con.execute("SELECT sequence, body FROM entries WHERE entry_id = ?", (entry_id,)).fetchone()
        return None if row is None else self._parsed(*row)

    def head(self) -> LedgerEntry | None:
        """The last entry."""
        row = self._con.execute("SELECT sequence, body FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
        return None if row is None else self._parsed(*row)

    def _append(self, draft: LedgerEntry, *, overlap: bool = False) -> Receipt:
        with self._turn():
            there = self._delivered_before(draft)
            if there is not None:
                return Receipt(there, is_new=False)
            entry = self._placed(draft)
            entry = seal(replace(entry, flags=tuple(sorted({*entry.flags, *self._earned(entry, overlap=overlap)}))))
            self._con.execute(
                "INSERT INTO entries (sequence, body, hash) VALUES (?, ?, ?)",
                (entry.sequence, canonical(entry), entry.hash),
            )
        return Receipt(entry, is_new=True)

    def _placed(self, draft: LedgerEntry) -> LedgerEntry:
        """The draft behind the head, at the clock's time."""
        head, now_s = self.head(), self._clock()
        if head is None:
            return replace(draft, sequence=1, previous_hash=self.origin.hash, recorded_s=now_s)
        if now_s < head.recorded_s - CLOCK_SLACK_S:
            mend = "set this computer's clock right"
            raise EntryRefused(draft.entry_id, "the clock stands before the last entry", mend)
        return replace(draft, sequence=head.sequence + 1, previous_hash=head.hash, recorded_s=now_s)

    def _earned(self, entry: LedgerEntry, *, overlap: bool) -> set[str]:
        """The flags the entry earns; EntryRefused when it may not be recorded."""
        if entry.refers_to is not None:
            self._check_target(entry.entry_id, entry.refers_to)
        if entry.work is None:
            return set()
        check_work(entry.work, self.origin, entry.recorded_s)
        flags = {"late"} if is_late(entry, self.origin) else set()
        other = self._overlapped(entry.work, entry.refers_to)
        if other is None:
            return flags
        if not overlap:
            problem = f"the same person already logged part of this stretch in entry {other}"
            raise EntryRefused(entry.entry_id, problem, "correct the times, or record it flagged as an overlap")
        return {*flags, "overlap"}

    def _check_target(self, entry_id: str, refers_to: str) -> None:
        target = self.find(refers_to) if is_plain_text(refers_to) else None
        if target is None:
            raise EntryRefused(entry_id, "the entry to correct is not in the ledger", "name an entry that is")
        if target.work is None:
            raise EntryRefused(entry_id, f"entry {refers_to} is itself a voiding", "log the work anew")
        row = self._con.execute("SELECT entry_id FROM entries WHERE refers_to = ?", (refers_to,)).fetchone()
        if row is not None:
            raise EntryRefused(entry_id, f"entry {refers_to} was already corrected by {row[0]}", "correct that one")

    def _delivered_before(self, draft: LedgerEntry) -> LedgerEntry | None:
        there = self.find(draft.entry_id)
        if there is not None and not there.says_the_same(draft):
            raise EntryRefused(draft.entry_id, "an entry of this id is there with other content", "use a new id")
        return there

    def _overlapped(self, work: TimeEntry, replacing: str | None) -> str | None:
        """The id of an entry that holds, of the same person, which shares a second with the work."""
        if work.start_s is None:
            return None
        row = self._con.execute(
            "SELECT e.entry_id FROM entries e WHERE e.person_id = ? AND e.start_s < ? AND e.start_s > ? AND e.end_s > ? "
            "AND e.entry_id IS NOT ? AND NOT EXISTS (SELECT 1 FROM entries c WHERE c.refers_to = e.entry_id) LIMIT 1",
            (work.by, work.end_s, work.start_s - DAY_S, work.start_s, replacing),
        ).fetchone()
        return None if row is None else str(row[0])

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The only writer until the block ends; what it wrote is kept whole or not at all."""
        try:
            self._con.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path.name}: the ledger cannot be written ({error})") from error
        try:
            yield
            self._con.execute("COMMIT")
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path.name}: the entry was not written ({error})") from error
        finally:
            if self._con.in_transaction:
                self._con.execute("ROLLBACK")

    def _parsed(self, sequence: int, body: str) -> LedgerEntry:
        try:
            return parse(body)
        except ValueError:
            problem = f"entry at sequence {sequence} cannot be read; run `careledger ledger verify`"
            raise LedgerError(f"{self.path.name}: {problem}") from None


def _draft(**said: object) -> LedgerEntry:
    """An entry as it is delivered, before it has a place in the ledger."""
    return LedgerEntry(sequence=0, recorded_s=0, previous_hash="", **said)  # type: ignore[arg-type]


def _no_claimed_time(work: TimeEntry) -> None:
    if work.recorded_s is not None:
        raise EntryRefused(work.entry_id, "recorded_s is given", "the ledger's own clock tells when it is recorded")
