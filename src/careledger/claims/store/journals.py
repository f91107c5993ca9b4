"""The money ledger: events with entries that add up to nothing, in whole cents. Nothing in it is ever changed.

Accounts (debits positive):

* ``receivable``: what payers and patients still owe on a claim's line;
* ``charges``: what was billed (negative);
* ``clearing``: between a payment and its claims; nothing once a payment is posted;
* ``cash``: what payers paid; ``patient_cash``: what patients paid when served;
* ``contractual``, ``sequestration`` ...: amounts given up, by the account that policy names for their reason;
* ``unapplied``: paid by a payer, not yet matched with a claim (negative);
* ``provider.WO``, ``provider.L6`` ...: amounts at provider level, by their code;
* ``suspense``: what a released remittance leaves unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from careledger.claims.store.database import Store

_JOURNAL = ("journal_id", "kind", "claim_id", "payment_id", "posted_at", "posted_by")
_ENTRY = ("journal_id", "entry_seq", "account", "claim_id", "line_no", "reason", "amount_cents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An amount on an account; for receivables and what is given up, of which line."""

    account: str
    amount_cents: int
    claim_id: str = ""
    line_no: int = 0
    reason: str = ""


@dataclass(slots=True)
class Journals:
    """Events collected for one write. Each must add up to nothing before it is taken."""

    store: Store
    posted_at: datetime
    posted_by: str = ""
    _events: list[tuple[str, str | None, int | None, tuple[Entry, ...]]] = field(default_factory=list)

    def add(self, kind: str, entries: Iterable[Entry], *, claim: str | None = None, payment: int | None = None) -> None:
        """Take an event. AssertionError when it does not balance: a fault of the program, never of the input."""
        kept = tuple(entry for entry in entries if entry.amount_cents)
        if sum(entry.amount_cents for entry in kept):
            raise AssertionError(f"a {kind} event does not balance")
        if kept:
            self._events.append((kind, claim, payment, kept))

    def write(self) -> None:
        """Write what was collected; to be called in a transaction."""
        if not self._events:
            return
        first = self.store.next_number("journal", len(self._events))
        at = self.posted_at.isoformat(timespec="seconds")
        journals: list[tuple[Any, ...]] = []
        entries: list[tuple[Any, ...]] = []
        for number, (kind, claim, payment, kept) in enumerate(self._events, start=first):
            journals.append((number, kind, claim, payment, at, self.posted_by))
            for seq, row in enumerate(kept, start=1):
                entries.append((number, seq, row.account, row.claim_id, row.line_no, row.reason, row.amount_cents))
        self.store.insert("journal", journals, _JOURNAL)
        self.store.insert("entry", entries, _ENTRY)
        self._events.clear()


def balances(store: Store) -> dict[str, int]:
    """Every account with its balance; together they are nothing."""
    rows = store.rows("SELECT account, SUM(amount_cents) AS cents FROM entry GROUP BY account ORDER BY account")
    return {row["account"]: int(row["cents"]) for row in rows}


def unbalanced(store: Store) -> list[int]:
    """Journals whose entries do not add up to nothing; empty in every sound store."""
    rows = store.rows("SELECT journal_id FROM entry GROUP BY journal_id HAVING SUM(amount_cents) <> 0")
    return [int(row["journal_id"]) for row in rows]


def open_lines(store: Store, claim_id: str) -> dict[int, int]:
    """What is still owed on each line of a claim."""
    rows = store.rows(
        "SELECT line_no, SUM(amount_cents) AS cents FROM entry WHERE claim_id = ? AND account = 'receivable' GROUP BY line_no",
        (claim_id,),
    )
    return {int(row["line_no"]): int(row["cents"]) for row in rows}
