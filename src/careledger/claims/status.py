"""Where the claims stand: by state, by money, and what waits for a person. Everything is counted when asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from careledger.claims.store.database import Store
from careledger.claims.store.journals import balances, open_lines, unbalanced

STATES = {
    "held": "held by a check", "ready": "ready to be sent", "exported": "sent, no answer yet", "taken": "taken by the receiver",
    "rejected": "rejected, back to work", "replaced": "replaced by another", "voided": "taken back", "dropped": "no longer built",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """The store at a glance.

    Attributes:
        states: claims and cents by state, in the order of a claim's life.
        accounts: the ledger's balances; they add up to nothing.
        work: open pieces of work and cents by kind.
        silent: batches without any answer.
        quarantined: files put aside.
        faults: what must never be: journals that do not balance.
    """

    states: list[tuple[str, int, int]]
    accounts: dict[str, int]
    work: list[tuple[str, int, int]]
    silent: list[tuple[int, str, str]]
    quarantined: int
    faults: list[int] = field(default_factory=list)


def overview(store: Store) -> Overview:
    """Count everything."""
    found = {
        row["state"]: (row["n"], row["cents"])
        for row in store.rows("SELECT state, COUNT(*) AS n, SUM(charge_cents) AS cents FROM claim GROUP BY state")
    }
    work = store.rows(
        "SELECT kind, COUNT(*) AS n, SUM(amount_cents) AS cents FROM work WHERE ended_at = '' GROUP BY kind ORDER BY kind"
    )
    silent = store.rows("SELECT batch_id, file_name, created_at FROM batch WHERE answer = '' ORDER BY batch_id")
    return Overview(
        states=[(state, *found[state]) for state in STATES if state in found],
        accounts=balances(store),
        work=[(row["kind"], row["n"], row["cents"]) for row in work],
        silent=[(row["batch_id"], row["file_name"], row["created_at"]) for row in silent],
        quarantined=store.number("SELECT COUNT(*) FROM received_file WHERE state = 'quarantined'"),
        faults=unbalanced(store),
    )


def open_work(store: Store, kind: str = "") -> list[Any]:
    """Pieces of work that wait, the most urgent first."""
    return store.rows(
        "SELECT * FROM work WHERE ended_at = '' AND (? = '' OR kind = ?)"
        " ORDER BY CASE WHEN due_on = '' THEN 1 ELSE 0 END, due_on, work_id",
        (kind, kind),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """What is open on a claim, and whose it is; nothing of this is stored.

    Attributes:
        patient_cents: left to the patient by the last payer that decided, and still open.
        payer_cents: the rest that is open: not yet decided, denied, or waiting for the next payer.
        next_payer: the payer the claim was sent on to and that has not answered.
    """

    patient_cents: int
    payer_cents: int
    next_payer: str


def share(store: Store, ledger_id: str) -> Share:
    """Split what is open on a claim between patient and payers, from what payers said last."""
    opened = open_lines(store, ledger_id)
    last = store.row(
        "SELECT p.payer_id, r.sent_on_to FROM remitted_claim r JOIN payment p ON p.payment_id = r.payment_id"
        " JOIN claim c ON c.claim_id = r.claim_id"
        " WHERE c.ledger_id = ? AND r.status NOT IN ('22', '23', '25') ORDER BY r.payment_id DESC, r.seq DESC",
        (ledger_id,),
    )
    total = sum(opened.values())
    if last is None:
        return Share(0, total, "")
    if last["sent_on_to"]:
        return Share(0, total, last["sent_on_to"])
    left = store.rows(
        "SELECT COALESCE(l.line_no, 0) AS line_no, SUM(a.amount_cents) AS cents FROM remitted_adjustment a"
        " JOIN remitted_claim r ON r.payment_id = a.payment_id AND r.seq = a.seq"
        " JOIN payment p ON p.payment_id = r.payment_id JOIN claim c ON c.claim_id = r.claim_id"
        " LEFT JOIN remitted_line l ON l.payment_id = a.payment_id AND l.seq = a.seq AND l.line_seq = a.line_seq"
        " WHERE c.ledger_id = ? AND p.payer_id = ? AND a.group_code = 'PR' AND r.status NOT IN ('23', '25')"
        " AND a.reason IN ('1', '2', '3', '66') GROUP BY COALESCE(l.line_no, 0)",
        (ledger_id, last["payer_id"]),
    )
    patient = sum(max(0, min(int(row["cents"]), opened.get(row["line_no"], total))) for row in left)
    patient = min(patient, max(total, 0))
    return Share(patient, total - patient, "")


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of one claim."""

    claim: Any
    lines: list[Any]
    batches: list[Any]
    answers: list[Any]
    payments: list[Any]
    work: list[Any]
    chain: list[str]
    share: Share


def history(store: Store, number: str) -> History | None:
    """The life of a claim; None when there is none of this number."""
    claim = store.row("SELECT * FROM claim WHERE claim_id = ?", (number,))
    if claim is None:
        return None
    by_claim = (number,)
    return History(
        claim=claim,
        lines=store.rows("SELECT * FROM claim_line WHERE claim_id = ? ORDER BY line_no", by_claim),
        batches=store.rows(
            "SELECT b.batch_id, b.file_name, b.created_at, b.answer FROM batch_claim c JOIN batch b ON b.batch_id = c.batch_id"
            " WHERE c.claim_id = ? ORDER BY b.batch_id",
            by_claim,
        ),
        answers=store.rows(
            "SELECT a.*, f.name, f.received_at FROM answer a JOIN received_file f ON f.file_id = a.file_id"
            " WHERE a.claim_id = ? ORDER BY f.received_at, a.seq",
            by_claim,
        ),
        payments=store.rows(
            "SELECT r.*, p.trace, p.payer_name, p.paid_on, p.posted_at FROM remitted_claim r"
            " JOIN payment p ON p.payment_id = r.payment_id WHERE r.claim_id = ? ORDER BY r.payment_id, r.seq",
            by_claim,
        ),
        work=store.rows("SELECT * FROM work WHERE claim_id = ? ORDER BY work_id", by_claim),
        chain=[
            row["claim_id"]
            for row in store.rows(
                "SELECT claim_id FROM claim WHERE chain_id = ? ORDER BY built_at, claim_id", (claim["chain_id"],)
            )
        ],
        share=share(store, claim["ledger_id"]),
    )
