"""A person says which claim a payment is for: the money that waited goes to it, by the same steps as a match."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from careledger.claims.model import Adjustment
from careledger.claims.posting.booking import NO_MONEY, claim_entries
from careledger.claims.posting.match import Matched, match_to
from careledger.claims.store.database import Store
from careledger.claims.store.journals import Entry, Journals
from careledger.claims.store.steps import step
from careledger.claims.x12.remittance import ClaimPayment, LinePayment
from careledger.core.errors import InputError, Place


def assign(store: Store, waiting: str, claim_id: str, at: datetime, by: str) -> int:
    """Give an unmatched payment to a claim; the cents that moved.

    Args:
        waiting: payment and place in it, such as ``3.12``, as the open work names it.

    Raises:
        InputError: nothing waits there, or the claim does not have the remitted lines.
    """
    payment_id, seq = _key(waiting)
    with store.transaction("assign"):
        remitted = remitted_claim(store, payment_id, seq)
        place = Place(str(store.path), field=waiting)
        if remitted is None:
            raise InputError(place, "no unmatched payment waits there", "take its number from 'claims status'")
        ours = match_to(store, remitted, claim_id)
        if ours.claim is None:
            raise InputError(place, ours.because, "choose another claim, or have the payer correct the remittance")
        _move(store, payment_id, seq, remitted, ours, at, by)
        step("assign.moved")
        store.run(
            "UPDATE work SET ended_at = ?, ended_by = ?, ended_how = ? WHERE kind = 'unmatched' AND payment_id = ? AND seq = ?",
            (at.isoformat(timespec="seconds"), by, f"given to {claim_id}", payment_id, seq),
        )
    return remitted.paid_cents


def _move(
    store: Store, payment_id: int, seq: int, remitted: ClaimPayment, ours: Matched, at: datetime, by: str
) -> None:
    assert ours.claim is not None
    source = Entry(account="unapplied", amount_cents=remitted.paid_cents, reason=f"{payment_id}.{seq}")
    journals = Journals(store, at, by)
    if remitted.status not in NO_MONEY:
        entries = claim_entries(remitted, ours, source)
        journals.add("match", entries, claim=ours.claim.ledger_id, payment=payment_id)
    journals.write()
    store.run(
        "UPDATE remitted_claim SET claim_id = ?, matched_by = 'person' WHERE payment_id = ? AND seq = ?",
        (ours.claim.claim_id, payment_id, seq),
    )
    store.run_many(
        "UPDATE remitted_line SET line_no = ? WHERE payment_id = ? AND seq = ? AND line_seq = ?",
        [(number, payment_id, seq, place) for place, number in enumerate(ours.line_numbers, start=1)],
    )


def _key(waiting: str) -> tuple[int, int]:
    first, _, second = waiting.partition(".")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        raise InputError(
            Place(waiting), "not a payment and a place in it", "write it as 3.12, as the open work names it"
        )
    return int(first), int(second)


def remitted_claim(store: Store, payment_id: int, seq: int) -> ClaimPayment | None:
    """An unmatched claim of a payment, as the payer said it."""
    row = store.row(
        "SELECT * FROM remitted_claim WHERE payment_id = ? AND seq = ? AND claim_id IS NULL", (payment_id, seq)
    )
    if row is None:
        return None
    adjustments: dict[int, list[Adjustment]] = {}
    sql = "SELECT * FROM remitted_adjustment WHERE payment_id = ? AND seq = ? ORDER BY line_seq, adj_seq"
    for found in store.rows(sql, (payment_id, seq)):
        made = Adjustment(group=found["group_code"], reason=found["reason"], amount_cents=found["amount_cents"])
        adjustments.setdefault(found["line_seq"], []).append(made)
    sql = "SELECT * FROM remitted_line WHERE payment_id = ? AND seq = ? ORDER BY line_seq"
    lines = tuple(_line(found, adjustments) for found in store.rows(sql, (payment_id, seq)))
    return ClaimPayment(
        segment=row["segment"],
        control_number=row["control_number"],
        status=row["status"],
        charge_cents=row["charge_cents"],
        paid_cents=row["paid_cents"],
        patient_cents=None,
        filing="",
        payer_control=row["payer_control"],
        member_id=row["member_id"],
        corrected_id=row["corrected_id"],
        sent_on_to=row["sent_on_to"],
        adjustments=tuple(adjustments.get(0, ())),
        lines=lines,
        remarks=tuple(row["remarks"].split()),
    )


def _line(row: Any, adjustments: dict[int, list[Adjustment]]) -> LinePayment:
    return LinePayment(
        segment=0,
        code=row["code"],
        modifiers=tuple(row["modifiers"].split()),
        charge_cents=row["charge_cents"],
        paid_cents=row["paid_cents"],
        units=Decimal(row["units"]) if row["units"] else None,
        since=date.fromisoformat(row["since"]) if row["since"] else None,
        adjustments=tuple(adjustments.get(row["line_seq"], ())),
        allowed_cents=row["allowed_cents"],
        remarks=tuple(row["remarks"].split()),
    )
