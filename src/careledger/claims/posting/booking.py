"""One payment into the store: its claims, lines and reasons, its entries, and the work it leaves for people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from careledger.claims.posting.accounts import account_of, denied, was_priced
from careledger.claims.posting.deadlines import APPEAL, Deadlines
from careledger.claims.posting.match import Matched, match
from careledger.claims.store.charges import book_leaving
from careledger.claims.store.claims import end_work, in_chunks, iso
from careledger.claims.store.database import Store
from careledger.claims.store.journals import Entry, Journals
from careledger.claims.store.steps import step
from careledger.claims.x12.remittance import REVERSAL, ClaimPayment, LinePayment, PaymentEnd
from careledger.core.money import dollars

NO_MONEY = frozenset(("23", "25"))
"""Claim statuses that only inform: passed on to another payer, predetermination."""

_CHUNK = 500
_CLAIM = (
    "payment_id", "seq", "segment", "claim_id", "matched_by", "control_number", "status", "charge_cents", "paid_cents",
    "payer_control", "member_id", "corrected_id", "sent_on_to", "remarks",
)  # fmt: skip
_LINE = (
    "payment_id", "seq", "line_seq", "line_no", "code", "modifiers", "since", "charge_cents", "paid_cents",
    "allowed_cents", "units", "remarks",
)  # fmt: skip
_ADJUSTMENT = ("payment_id", "seq", "line_seq", "adj_seq", "group_code", "reason", "amount_cents")
_PROVIDER = ("payment_id", "adj_seq", "provider", "code", "reference", "amount_cents")
_WORK = (
    "work_id", "kind", "claim_id", "line_no", "payment_id", "seq", "codes", "amount_cents", "says", "todo", "opened_on",
    "due_on",
)  # fmt: skip


class Booking:
    """A payment while its claims stream in; written chunk by chunk inside the caller's transaction."""

    def __init__(self, store: Store, at: datetime, by: str, deadlines: Deadlines) -> None:
        self.store = store
        self.at = at
        self.by = by
        self.deadlines = deadlines
        self.payment_id = store.next_number("payment")
        self.matched = self.unmatched = self.matched_cents = self.denied_lines = 0
        self._seq = 0
        self._digest = hashlib.sha256()
        self._waiting: list[ClaimPayment] = []
        self._work: list[dict[str, Any]] = []
        self._journals = Journals(store, at, by)

    @property
    def digest(self) -> str:
        """What was paid, in a few letters."""
        return self._digest.hexdigest()

    def claim(self, remitted: ClaimPayment) -> None:
        """Take a claim of the payment."""
        lines = tuple((line.code, line.paid_cents) for line in remitted.lines)
        key = (remitted.control_number, remitted.status, remitted.charge_cents, remitted.paid_cents, lines)
        self._digest.update(repr(key).encode())
        self._waiting.append(remitted)
        if len(self._waiting) == _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write the claims that wait."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        found = match(self.store, waiting)
        placed = [(self._seq + at, *pair) for at, pair in enumerate(zip(waiting, found, strict=True), start=1)]
        self._seq += len(waiting)
        record(self.store, self.payment_id, placed)
        self._payer_has(placed)
        self._end_older_denials(placed)
        for seq, remitted, ours in placed:
            self._book(seq, remitted, ours)
        self._journals.write()
        self._write_work()
        step("post.claims")

    def _payer_has(self, placed: list[tuple[int, ClaimPayment, Matched]]) -> None:
        """Whoever decides a claim has it, even where no acknowledgement said so or one had rejected it."""
        decided = sorted({ours.claim.claim_id for _, _, ours in placed if ours.claim is not None})
        sql = "SELECT claim_id, state FROM claim WHERE state IN ('exported', 'rejected') AND claim_id IN ({})"
        rows = list(in_chunks(self.store, sql, decided))
        back = [row["claim_id"] for row in rows if row["state"] == "rejected"]
        self.store.run_many("UPDATE claim SET state = 'taken' WHERE claim_id = ?", [(row["claim_id"],) for row in rows])
        book_leaving(self.store, back, self.at)
        for number in back:
            end_work(self.store, number, "rejected", self.at, "", "the payer decided it all the same")

    def _book(self, seq: int, remitted: ClaimPayment, ours: Matched) -> None:
        if ours.claim is None:
            self.unmatched += 1
            self._unapplied(seq, remitted, ours)
            return
        self.matched += 1
        self.matched_cents += remitted.paid_cents
        entries = list(claim_entries(remitted, ours))
        self._journals.add("claim", entries, claim=ours.claim.ledger_id, payment=self.payment_id)
        self._work += self.claim_work(seq, remitted, ours)

    def _unapplied(self, seq: int, remitted: ClaimPayment, ours: Matched) -> None:
        if remitted.status not in NO_MONEY:
            entries = (
                Entry(account="unapplied", amount_cents=-remitted.paid_cents, reason=f"{self.payment_id}.{seq}"),
                Entry(account="clearing", amount_cents=remitted.paid_cents),
            )
            self._journals.add("claim", entries, payment=self.payment_id)
        near = f"; perhaps {' or '.join(ours.candidates[:3])}" if ours.candidates else ""
        self._work.append(
            self._piece(
                "unmatched", "", 0, seq, remitted.paid_cents, f"{ours.because}{near}",
                f"find the claim and run 'claims match {self.payment_id}.{seq} CONTROL_NUMBER'",
            )
        )  # fmt: skip

    def claim_work(self, seq: int, remitted: ClaimPayment, ours: Matched) -> Iterator[dict[str, Any]]:
        """Denials, corrected member numbers and reversals of what was never posted."""
        assert ours.claim is not None
        number = ours.claim.claim_id
        if remitted.corrected_id:
            todo = "enter the number the payer holds before the next claim"
            yield self._piece("member", number, 0, seq, 0, "the payer corrects the member number", todo)
        if remitted.status == REVERSAL:
            earlier = self._paid_earlier(ours.claim.claim_id)
            if earlier + remitted.paid_cents < 0:
                says = f"{dollars(-remitted.paid_cents)} taken back, {dollars(earlier)} was posted before"
                todo = "find the payment that is taken back; it may stand in a remittance not posted"
                yield self._piece("reversal", number, 0, seq, remitted.paid_cents, says, todo)
            return
        if remitted.status in NO_MONEY:
            return
        for line_no, reasons, remarks in _denials(remitted, ours):
            self.denied_lines += 1
            codes = " ".join(dict.fromkeys((*(f"{row.group}-{row.reason}" for row in reasons), *remarks)))
            cents = sum(row.amount_cents for row in reasons)
            due = self.deadlines.of(remitted, remarks)
            says, todo = self.deadlines.words(reasons, remarks)
            piece = self._piece("denied", number, line_no, seq, cents, says, todo)
            yield {**piece, "codes": codes, "due_on": due}

    def _paid_earlier(self, claim_id: str) -> int:
        sql = "SELECT SUM(paid_cents) FROM remitted_claim WHERE claim_id = ? AND payment_id <> ?"
        return self.store.number(sql, (claim_id, self.payment_id))

    def _piece(
        self, kind: str, claim: str, line_no: int, seq: int | None, cents: int, says: str, todo: str
    ) -> dict[str, Any]:
        return {
            "kind": kind, "claim_id": claim, "line_no": line_no, "payment_id": self.payment_id, "seq": seq, "codes": "",
            "amount_cents": cents, "says": says, "todo": todo, "opened_on": iso(self.at.date()), "due_on": "",
        }  # fmt: skip

    def _end_older_denials(self, placed: list[tuple[int, ClaimPayment, Matched]]) -> None:
        """A denied line that is decided again is no longer the old denial."""
        decided = [
            ours.claim.claim_id
            for _, remitted, ours in placed
            if ours.claim is not None and remitted.status not in (REVERSAL, *NO_MONEY)
        ]
        sql = "SELECT work_id FROM work WHERE kind = 'denied' AND ended_at = '' AND claim_id IN ({})"
        ended = [(iso(self.at), row["work_id"]) for row in in_chunks(self.store, sql, decided)]
        self.store.run_many("UPDATE work SET ended_at = ?, ended_how = 'decided again' WHERE work_id = ?", ended)

    def _write_work(self) -> None:
        if not self._work:
            return
        first = self.store.next_number("work", len(self._work))
        rows = [(first + at, *(row[name] for name in _WORK[1:])) for at, row in enumerate(self._work)]
        self.store.insert("work", rows, _WORK)
        self._work = []

    def finish(self, end: PaymentEnd, file_id: str, trace: str) -> None:
        """The payment is complete: its own row, its cash, its provider-level amounts, credits that it leaves."""
        self.flush()
        payment = end.payment
        values = (
            self.payment_id, payment.payer_id, trace, payment.payer_name, payment.payee_npi, payment.amount_cents,
            payment.method, iso(payment.paid_on), file_id, self.digest, iso(self.at),
        )  # fmt: skip
        columns = (
            "payment_id", "payer_id", "trace", "payer_name", "payee_npi", "amount_cents", "method", "paid_on", "file_id",
            "digest", "posted_at",
        )  # fmt: skip
        self.store.insert("payment", [values], columns)
        step("post.payment")
        rows = [
            (self.payment_id, at, row.provider, row.code, row.reference, row.amount_cents)
            for at, row in enumerate(end.provider_adjustments, start=1)
        ]
        self.store.insert("provider_adjustment", rows, _PROVIDER)
        self._journals.add("payment", self._payment_entries(end), payment=self.payment_id)
        self._journals.write()
        self._date_appeals(end)
        self._recoveries(end)
        self._credits()
        self._write_work()
        step("post.cash")

    def _payment_entries(self, end: PaymentEnd) -> Iterator[Entry]:
        """Cash and provider-level amounts against what the claims were paid; a released difference is shown, not hidden."""
        yield Entry(account="cash", amount_cents=end.payment.amount_cents)
        for row in end.provider_adjustments:
            yield Entry(account=f"provider.{row.code}", amount_cents=row.amount_cents, reason=row.reference)
        cleared = self.store.number(
            "SELECT SUM(e.amount_cents) FROM entry e JOIN journal j ON j.journal_id = e.journal_id"
            " WHERE j.payment_id = ? AND e.account = 'clearing'",
            (self.payment_id,),
        )
        yield Entry(account="clearing", amount_cents=-cleared)
        yield Entry(account="suspense", amount_cents=cleared - end.payment.amount_cents - end.kept_cents)

    def _date_appeals(self, end: PaymentEnd) -> None:
        """The time to appeal runs from the day of the remittance, known only now."""
        decided_on = end.payment.produced_on or end.payment.paid_on or self.at.date()
        last = iso(self.deadlines.appeal_until(decided_on))
        sql = "UPDATE work SET due_on = ? WHERE payment_id = ? AND due_on = ?"
        self.store.run(sql, (last, self.payment_id, APPEAL))

    def _recoveries(self, end: PaymentEnd) -> None:
        """Money kept back for an overpayment: until its reversal is posted, someone has to find its claim."""
        for row in end.provider_adjustments:
            if row.code != "WO":
                continue
            kept = self.store.number(
                "SELECT SUM(amount_cents) FROM entry WHERE account = 'provider.WO' AND reason = ?", (row.reference,)
            )
            if kept > 0:
                says = f"{dollars(kept)} kept back for the payer's number {row.reference}"
                todo = "find the claim and the letter that asked for the money; appeal or agree"
                self._work.append(self._piece("recovery", "", 0, None, kept, says, todo))

    def _credits(self) -> None:
        """Lines on which more came than was owed."""
        rows = self.store.rows(
            "SELECT e.claim_id, e.line_no, SUM(e.amount_cents) AS cents FROM entry e WHERE e.account = 'receivable'"
            " AND e.claim_id IN (SELECT c.ledger_id FROM remitted_claim r JOIN claim c ON c.claim_id = r.claim_id"
            " WHERE r.payment_id = ?) GROUP BY e.claim_id, e.line_no HAVING SUM(e.amount_cents) < 0",
            (self.payment_id,),
        )
        for row in rows:
            cents = -int(row["cents"])
            says = f"{dollars(cents)} more came than was owed"
            todo = f"find out who paid twice and give it back {self.deadlines.refund_words}".rstrip()
            self._work.append(self._piece("credit", row["claim_id"], row["line_no"], None, cents, says, todo))


def claim_entries(remitted: ClaimPayment, ours: Matched, source: Entry | None = None) -> Iterator[Entry]:
    """What a matched claim does to the ledger; money comes from clearing, or from where it waited."""
    assert ours.claim is not None
    if remitted.status in NO_MONEY:
        return
    number = ours.claim.ledger_id
    only = ours.claim.lines[0].line_no if len(ours.claim.lines) == 1 else 0
    paid_on_lines = 0
    for line, line_no in zip(remitted.lines, ours.line_numbers, strict=True):
        paid_on_lines += line.paid_cents
        yield Entry(account="receivable", claim_id=number, line_no=line_no, amount_cents=-line.paid_cents)
        if remitted.status != "4":
            yield from _given_up(line, number, line_no)
    rest = remitted.paid_cents - paid_on_lines
    yield Entry(account="receivable", claim_id=number, line_no=only, amount_cents=-rest)
    if remitted.status != "4" and remitted.adjustments and (remitted.paid_cents or was_priced(remitted)):
        yield from _given_up(remitted, number, only, priced=True)
    yield source or Entry(account="clearing", amount_cents=remitted.paid_cents)


def _given_up(row: LinePayment | ClaimPayment, number: str, line_no: int, *, priced: bool = False) -> Iterator[Entry]:
    if not priced and not was_priced(row):
        return
    for adjustment in row.adjustments:
        account, cents = account_of(adjustment), adjustment.amount_cents
        if account:
            reason = f"{adjustment.group}-{adjustment.reason}"
            yield Entry(account="receivable", claim_id=number, line_no=line_no, amount_cents=-cents, reason=reason)
            yield Entry(account=account, claim_id=number, line_no=line_no, amount_cents=cents, reason=reason)


def _denials(remitted: ClaimPayment, ours: Matched) -> Iterator[tuple[int, list[Any], tuple[str, ...]]]:
    """Refused amounts by our line; a reduction on a service that was not allowed at all belongs to its refusal."""
    for line, line_no in zip(remitted.lines, ours.line_numbers, strict=True):
        refused = [row for row in line.adjustments if denied(row) and row.amount_cents > 0]
        if not refused and not was_priced(line) and line.charge_cents > 0:
            refused = [row for row in line.adjustments if row.amount_cents > 0 and account_of(row)]
        if refused:
            yield line_no, refused, (*line.remarks, *remitted.remarks)
    refused = [row for row in remitted.adjustments if denied(row) and row.amount_cents > 0]
    if refused:
        yield 0, refused, remitted.remarks


def record(store: Store, payment_id: int, placed: list[tuple[int, ClaimPayment, Matched]]) -> None:
    """Write what the payer said, word for word, matched or not."""
    claims: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    adjustments: list[tuple[Any, ...]] = []
    for seq, row, ours in placed:
        claims.append(
            (
                payment_id, seq, row.segment, ours.claim.claim_id if ours.claim else None, ours.by, row.control_number,
                row.status, row.charge_cents, row.paid_cents, row.payer_control, row.member_id, row.corrected_id,
                row.sent_on_to, " ".join(row.remarks),
            )
        )  # fmt: skip
        adjustments += _adjustments(payment_id, seq, 0, row)
        numbers = ours.line_numbers or (None,) * len(row.lines)
        for at, (line, line_no) in enumerate(zip(row.lines, numbers, strict=True), start=1):
            lines.append(
                (
                    payment_id, seq, at, line_no, line.submitted_code or line.code, " ".join(line.modifiers),
                    iso(line.since), line.charge_cents, line.paid_cents, line.allowed_cents, str(line.units or ""),
                    " ".join(line.remarks),
                )
            )  # fmt: skip
            adjustments += _adjustments(payment_id, seq, at, line)
    store.insert("remitted_claim", claims, _CLAIM)
    store.insert("remitted_line", lines, _LINE)
    store.insert("remitted_adjustment", adjustments, _ADJUSTMENT)
    controls = [
        (row.payer_control, ours.claim.claim_id)
        for _, row, ours in placed
        if ours.claim and row.payer_control and row.status != REVERSAL
    ]
    store.run_many("UPDATE claim SET payer_control = ? WHERE claim_id = ?", controls)


def _adjustments(payment: int, seq: int, line_seq: int, row: ClaimPayment | LinePayment) -> Iterator[tuple[Any, ...]]:
    for at, adjustment in enumerate(row.adjustments, start=1):
        yield payment, seq, line_seq, at, adjustment.group, adjustment.reason, adjustment.amount_cents
