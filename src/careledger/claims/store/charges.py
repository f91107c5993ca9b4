"""What is owed while a claim is with its receiver, and no longer once it comes back or is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from careledger.claims.model import REPLACEMENT, VOID
from careledger.claims.store.claims import in_chunks
from careledger.claims.store.database import Store
from careledger.claims.store.journals import Entry, Journals

_CLAIMS = "SELECT claim_id, follows, ledger_id, frequency FROM claim WHERE claim_id IN ({}) ORDER BY claim_id"


def book_leaving(store: Store, numbers: Sequence[str], at: datetime) -> None:
    """Claims leave: charges are owed; a replacement or void takes back those of the claim it follows."""
    rows = list(in_chunks(store, _CLAIMS, numbers))
    former = {row["follows"]: _word(row) for row in rows if row["frequency"] in (REPLACEMENT, VOID)}
    _charge(store, _own(rows), at, 1)
    _charge(store, former, at, -1)
    store.run_many(
        "UPDATE claim SET state = ? WHERE claim_id = ?", [(state, number) for number, state in former.items()]
    )


def book_return(store: Store, numbers: Sequence[str], at: datetime) -> None:
    """Claims come back unread: nothing is owed on them, and the claim that one was to replace stands again."""
    rows = list(in_chunks(store, _CLAIMS, numbers))
    former = [row["follows"] for row in rows if row["frequency"] in (REPLACEMENT, VOID)]
    _charge(store, _own(rows), at, -1)
    _charge(store, former, at, 1)
    store.run_many("UPDATE claim SET state = 'taken' WHERE claim_id = ?", [(number,) for number in former])


def _word(row: Any) -> str:
    return "replaced" if row["frequency"] == REPLACEMENT else "voided"


def _own(rows: list[Any]) -> list[str]:
    """Claims that bring charges of their own: no voids, and no claim for the rest of what another one charged."""
    return [row["claim_id"] for row in rows if row["frequency"] != VOID and row["ledger_id"] == row["claim_id"]]


def _charge(store: Store, claims: Iterable[str], at: datetime, sign: int) -> None:
    """Charge what is not charged, or take back what is; a claim already so is left alone."""
    numbers = sorted(claims)
    sql = "SELECT claim_id FROM entry WHERE account = 'charges' AND claim_id IN ({}) GROUP BY claim_id HAVING SUM(amount_cents) <> 0"
    charged = {row["claim_id"] for row in in_chunks(store, sql, numbers)}
    wanted = [number for number in numbers if (number in charged) == (sign < 0)]
    lines: dict[str, list[Entry]] = {number: [] for number in wanted}
    sql = "SELECT claim_id, line_no, charge_cents FROM claim_line WHERE claim_id IN ({}) ORDER BY claim_id, line_no"
    for row in in_chunks(store, sql, wanted):
        number, line_no, cents = row["claim_id"], row["line_no"], sign * row["charge_cents"]
        lines[number].append(Entry(account="receivable", claim_id=number, line_no=line_no, amount_cents=cents))
        lines[number].append(Entry(account="charges", claim_id=number, line_no=line_no, amount_cents=-cents))
    journals = Journals(store, at)
    for number, entries in lines.items():
        journals.add("charge" if sign > 0 else "uncharge", entries, claim=number)
    journals.write()
