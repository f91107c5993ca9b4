"""Claims in the store: put in by a build, changed only while they have not left, never put in twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from careledger.claims.model import Claim
from careledger.claims.store.codec import decode, encode
from careledger.claims.store.database import Store
from careledger.claims.store.steps import step

CHANGEABLE = ("held", "ready", "rejected")
"""States in which a claim is ours alone; in every other state a receiver has it."""

_CLAIM = (
    "claim_id", "chain_id", "frequency", "follows", "ledger_id", "state", "payer_number", "payer_policy", "payer_rank",
    "member_id", "patient_id", "practitioner_id", "practice_id", "billing_npi", "month", "since", "until", "charge_cents",
    "held_by", "built_at", "body",
)  # fmt: skip
_LINE = ("claim_id", "line_no", "line_id", "code", "modifiers", "units", "charge_cents", "since", "until")
_CHUNK = 500


@dataclass(slots=True)
class PutResult:
    """What a build changed in the store.

    Attributes:
        sent: control numbers that left earlier and are the same; they are not sent again.
        changed: control numbers that left earlier and would now be different; they are kept as sent, and need
            ``claims correct``.
        dropped: claims that had not left and are no longer built.
    """

    new: int = 0
    updated: int = 0
    same: int = 0
    sent: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def put_claims(store: Store, built: Iterable[tuple[Claim, Sequence[str]]], at: datetime) -> PutResult:
    """Put built claims, each with the ids of the checks that hold it, into the store in one transaction.

    A claim that has not left takes its newest form. One that has left stays as it was sent.
    """
    result = PutResult()
    every = list(built)
    with store.transaction("build"):
        known = _known(store, [claim.control_number for claim, _ in every])
        for claim, held_by in every:
            _put(store, claim, tuple(held_by), known, at, result)
            step("build.claim")
        _drop_unbuilt(store, [claim for claim, _ in every], result)
    return result


def _put(
    store: Store,
    claim: Claim,
    held_by: tuple[str, ...],
    known: dict[str, tuple[str, str]],
    at: datetime,
    result: PutResult,
) -> None:
    number, body = claim.control_number, encode(claim)
    state, before = known.get(number, ("", ""))
    if not state:
        insert_claim(store, claim, "held" if held_by else "ready", at, held_by=held_by)
        result.new += 1
    elif state in (*CHANGEABLE, "dropped"):
        if state == "rejected" and body == before:
            result.same += 1  # nothing was mended: it stays at work
            return
        _forget(store, number)
        insert_claim(store, claim, "held" if held_by else "ready", at, held_by=held_by)
        if state == "rejected" and not held_by:
            end_work(store, number, "rejected", at, "", "built again")
        result.updated += body != before
        result.same += body == before
    elif body == before:
        result.sent.append(number)
    else:
        store.run("UPDATE claim SET newest = ? WHERE claim_id = ?", (body, number))
        result.changed.append(number)


def _forget(store: Store, number: str) -> None:
    """Make room for the newest form; answers and batches keep the number."""
    store.run("DELETE FROM claim_line WHERE claim_id = ?", (number,))
    store.run("DELETE FROM claim WHERE claim_id = ?", (number,))


def _drop_unbuilt(store: Store, built: list[Claim], result: PutResult) -> None:
    """Claims of the same practice and month that had not left and that the build no longer makes."""
    numbers = {claim.control_number for claim in built}
    for practice, month in sorted({(claim.practice_id, claim.month) for claim in built}):
        rows = store.rows(
            "SELECT claim_id FROM claim WHERE practice_id = ? AND month = ? AND state IN ('held', 'ready') AND follows = ''",
            (practice, month),
        )
        result.dropped += [row["claim_id"] for row in rows if row["claim_id"] not in numbers]
    store.run_many("UPDATE claim SET state = 'dropped' WHERE claim_id = ?", [(number,) for number in result.dropped])


def insert_claim(
    store: Store,
    claim: Claim,
    state: str,
    at: datetime,
    *,
    held_by: Sequence[str] = (),
    follows: str = "",
    chain_id: str = "",
    ledger_id: str = "",
) -> None:
    """Add a claim with its lines."""
    number = claim.control_number
    values: tuple[Any, ...] = (
        number, chain_id or number, claim.frequency, follows, ledger_id or number, state, claim.payer.number,
        claim.payer.policy, claim.rank, claim.insured.member_id, claim.patient_id, claim.practitioner_id,
        claim.practice_id, claim.billing.npi, claim.month, iso(claim.since), iso(claim.until), claim.total_cents,
        " ".join(held_by), at.isoformat(timespec="seconds"), encode(claim),
    )  # fmt: skip
    store.insert("claim", [values], _CLAIM)
    store.insert("claim_line", _lines(claim), _LINE)


def _lines(claim: Claim) -> Iterator[tuple[Any, ...]]:
    for at, line in enumerate(claim.lines, start=1):
        yield (
            claim.control_number, at, line.line_id, line.code, " ".join(line.modifiers), str(line.units),
            line.charge_cents, iso(line.since), iso(line.until),
        )  # fmt: skip


def load_claim(store: Store, number: str) -> Claim | None:
    """A whole claim by its control number."""
    found = store.row("SELECT body FROM claim WHERE claim_id = ?", (number,))
    return None if found is None else decode(found["body"])


def _known(store: Store, numbers: list[str]) -> dict[str, tuple[str, str]]:
    found = {}
    for row in in_chunks(store, "SELECT claim_id, state, body FROM claim WHERE claim_id IN ({})", numbers):
        found[row["claim_id"]] = (row["state"], row["body"])
    return found


def in_chunks(store: Store, sql: str, values: Sequence[Any]) -> Iterator[Any]:
    """Rows of a query whose ``{}`` takes many values."""
    for start in range(0, len(values), _CHUNK):
        some = values[start : start + _CHUNK]
        yield from store.rows(sql.format(", ".join("?" * len(some))), some)


def end_work(store: Store, claim_id: str, kind: str, at: datetime, by: str, how: str) -> int:
    """End the open work of a kind on a claim; how many pieces that was."""
    return store.run(
        "UPDATE work SET ended_at = ?, ended_by = ?, ended_how = ? WHERE claim_id = ? AND kind = ? AND ended_at = ''",
        (at.isoformat(timespec="seconds"), by, how, claim_id, kind),
    )


def iso(day: Any) -> str:
    """A day as text; empty for none."""
    return "" if day is None else str(day.isoformat())
