"""Claims that follow another: a replacement, a void, or the claim to the next payer for what the first one left.

Each has a control number of its own and names the payer's number of the claim before it. It is made ready in the store and
leaves with the next export; the claim it follows stays as it was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from careledger.claims.model import (
    REPLACEMENT,
    VOID,
    Adjustment,
    Claim,
    Insured,
    LineAdjudication,
    OtherPayer,
    Payer,
    Rank,
)
from careledger.claims.store.claims import insert_claim
from careledger.claims.store.codec import decode
from careledger.claims.store.database import Store
from careledger.claims.store.steps import step
from careledger.core.errors import InputError, Place

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WITH_PAYER = ("exported", "taken")


Check = Callable[[Claim], Sequence[str]]
"""The ids of the checks that hold a claim."""


def _no_check(claim: Claim) -> Sequence[str]:
    return ()


def void(store: Store, number: str, at: datetime, payer_control: str = "") -> Claim:
    """Take a claim back from its payer (frequency 8).

    Raises:
        InputError: the payer does not have the claim, or its own number of it is not known.
    """
    return _follow(store, number, VOID, at, payer_control, _no_check)


def correct(store: Store, number: str, at: datetime, payer_control: str = "", check: Check = _no_check) -> Claim:
    """Replace a claim the payer has (frequency 7) by what the last build made of it, or else as it was sent.

    Raises:
        InputError: the payer does not have the claim, or its own number of it is not known.
    """
    return _follow(store, number, REPLACEMENT, at, payer_control, check)


def _follow(store: Store, number: str, frequency: str, at: datetime, payer_control: str, check: Check) -> Claim:
    with store.transaction("follow"):
        row = _with_payer(store, number)
        control = payer_control or row["payer_control"]
        if not control:
            raise _refused(
                store, number, "the payer's own number of the claim is not known",
                "take it from the remittance or the 277CA and give it with --payer-control",
            )  # fmt: skip
        made = replace(
            decode(row["body"] if frequency == VOID else row["newest"] or row["body"]),
            control_number=_number(store, row["chain_id"], number),
            frequency=frequency,
            original_ref=control,
        )
        made = _renumbered(made)
        held = check(made)
        state = "held" if held else "ready"
        insert_claim(store, made, state, at, held_by=held, follows=number, chain_id=row["chain_id"])
        step("follow.inserted")
    return made


def _with_payer(store: Store, number: str) -> Any:
    row = store.row("SELECT * FROM claim WHERE claim_id = ?", (number,))
    if row is None:
        raise _refused(store, number, "there is no claim of this number", "look it up with 'claims status'")
    if row["state"] not in _WITH_PAYER:
        mend = "mend it and build it again" if row["state"] in ("held", "ready", "rejected") else "look at its chain"
        raise _refused(store, number, f"the claim is {row['state']}: no payer has it", mend)
    if row["frequency"] == VOID:
        raise _refused(store, number, "the claim is itself a void", "send a new claim")
    other = store.row(
        "SELECT claim_id FROM claim WHERE follows = ? AND frequency IN ('7', '8') AND state <> 'dropped'", (number,)
    )
    if other is not None:
        raise _refused(store, number, f"{other['claim_id']} already replaces it", "work with that one")
    return row


def _refused(store: Store, number: str, problem: str, mend: str) -> InputError:
    return InputError(Place(str(store.path), field=number), problem, mend)


def _number(store: Store, chain: str, number: str) -> str:
    """A control number of its own: month as before, letters from the chain and its place in it."""
    place = store.number("SELECT COUNT(*) FROM claim WHERE chain_id = ?", (chain,))
    digest = int.from_bytes(hashlib.sha256(f"{chain}\0{place}".encode()).digest()[:7])
    return number[:4] + "".join(_BASE32[digest >> (5 * at) & 31] for at in range(9))


def _renumbered(claim: Claim) -> Claim:
    lines = (replace(line, line_id=f"{claim.control_number}L{at}") for at, line in enumerate(claim.lines, start=1))
    return replace(claim, lines=tuple(lines))


def secondary(
    store: Store, number: str, payer: Payer, insured: Insured, at: datetime, rank: Rank = "S", check: Check = _no_check
) -> Claim:
    """Ask the next payer for what the first one left, with the first one's decision on every line.

    Raises:
        InputError: no remittance for the claim is posted, the payer sent the claim on by itself, or it is asked already.
    """
    with store.transaction("follow"):
        row = store.row("SELECT * FROM claim WHERE claim_id = ?", (number,))
        remitted = _last_decision(store, number)
        if row is None or remitted is None:
            raise _refused(store, number, "no decision of a first payer is posted for it", "post its remittance first")
        if remitted["sent_on_to"]:
            what = f"the payer sent it on to {remitted['sent_on_to']} itself"
            raise _refused(store, number, what, "wait for that payer; send nothing")
        if store.row("SELECT claim_id FROM claim WHERE follows = ? AND payer_rank = ?", (number, rank)) is not None:
            raise _refused(store, number, "the next payer is asked already", "look at its chain")
        made = _for_next_payer(store, decode(row["body"]), remitted, payer, insured, rank)
        made = replace(made, control_number=_number(store, row["chain_id"], number))
        held = check(made)
        chain, ledger, state = row["chain_id"], row["ledger_id"], "held" if held else "ready"
        insert_claim(store, made, state, at, held_by=held, follows=number, chain_id=chain, ledger_id=ledger)
        step("follow.inserted")
    return made


def _last_decision(store: Store, number: str) -> Any:
    return store.row(
        "SELECT r.*, p.paid_on FROM remitted_claim r JOIN payment p ON p.payment_id = r.payment_id"
        " WHERE r.claim_id = ? AND r.status NOT IN ('22', '23', '25') ORDER BY r.payment_id DESC, r.seq DESC",
        (number,),
    )


def _for_next_payer(store: Store, first: Claim, remitted: Any, payer: Payer, insured: Insured, rank: Rank) -> Claim:
    key = (remitted["payment_id"], remitted["seq"])
    paid_on = date.fromisoformat(remitted["paid_on"]) if remitted["paid_on"] else None
    by_line = _adjudications(store, key, first, paid_on)
    on_claim = _adjustments(store, key, 0)
    before = OtherPayer(
        rank=first.rank,
        payer=first.payer,
        insured=first.insured,
        paid_cents=remitted["paid_cents"],
        adjustments=on_claim,
        paid_on=paid_on if not by_line else None,
        control_number=remitted["payer_control"],
    )
    lines = tuple(
        replace(line, adjudications=(*line.adjudications, by_line[at]) if at in by_line else line.adjudications)
        for at, line in enumerate(first.lines, start=1)
    )
    return replace(
        first,
        payer=payer,
        insured=insured,
        rank=rank,
        lines=lines,
        original_ref="",
        secondary_reason="",
        other_payers=(*first.other_payers, before),
    )


def _adjudications(
    store: Store, key: tuple[int, int], first: Claim, paid_on: date | None
) -> dict[int, LineAdjudication]:
    found = {}
    sql = "SELECT * FROM remitted_line WHERE payment_id = ? AND seq = ? AND line_no IS NOT NULL ORDER BY line_seq"
    for row in store.rows(sql, key):
        adjustments = _adjustments(store, key, row["line_seq"])
        line = first.lines[row["line_no"] - 1]
        found[row["line_no"]] = LineAdjudication(
            payer_number=first.payer.number,
            paid_cents=row["paid_cents"],
            code=row["code"],
            modifiers=tuple(row["modifiers"].split()),
            units=line.units,
            adjustments=adjustments,
            paid_on=paid_on,
            remaining_cents=sum(item.amount_cents for item in adjustments if item.group == "PR") or None,
        )
    return found


def _adjustments(store: Store, key: Sequence[int], line_seq: int) -> tuple[Adjustment, ...]:
    rows = store.rows(
        "SELECT group_code, reason, amount_cents FROM remitted_adjustment"
        " WHERE payment_id = ? AND seq = ? AND line_seq = ? ORDER BY adj_seq",
        (*key, line_seq),
    )
    return tuple(
        Adjustment(group=row["group_code"], reason=row["reason"], amount_cents=row["amount_cents"]) for row in rows
    )
