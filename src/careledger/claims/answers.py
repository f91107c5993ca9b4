"""Acknowledgements into the store: matched with batch, claim and line; what was rejected comes back to work, once."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from careledger.claims.store.charges import book_return
from careledger.claims.store.claims import in_chunks
from careledger.claims.store.database import Store
from careledger.claims.store.steps import step
from careledger.claims.x12.acknowledgement import Answer
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read_ack import read_acknowledgement

_ANSWER = (
    "file_id", "seq", "batch_id", "claim_id", "line_no", "level", "accepted", "codes", "points_to", "says", "todo",
)  # fmt: skip
_WORK = ("work_id", "kind", "claim_id", "line_no", "codes", "says", "todo", "opened_on")
_SEND_AGAIN = (
    "mend what is named, build the claim again and export it; or 'claims resend' when nothing is wrong with it"
)


@dataclass(slots=True)
class AnswerResult:
    """What an acknowledgement changed.

    Attributes:
        state: ``posted``, or ``before`` when the same file was read earlier.
        strange: answers to something that we did not send.
    """

    state: str
    answers: int = 0
    taken: int = 0
    rejected: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Rejection:
    """Why a claim comes back, collected over the answers of a file."""

    says: list[str] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    line_no: int = 0


def post_answers(store: Store, content: bytes, name: str, at: datetime) -> AnswerResult:
    """Take a TA1, 999 or 277CA into the store, whole and once.

    Raises:
        NotReadable: the file is no acknowledgement; nothing is kept of it.
    """
    file_id = hashlib.sha256(content).hexdigest()
    if store.row("SELECT file_id FROM received_file WHERE file_id = ?", (file_id,)) is not None:
        return AnswerResult("before")
    steps = list(read_acknowledgement(io.BytesIO(content)))
    result = AnswerResult("posted", findings=[str(row) for row in steps if isinstance(row, Finding)])
    with store.transaction("answers"):
        if store.row("SELECT file_id FROM received_file WHERE file_id = ?", (file_id,)) is not None:
            return AnswerResult("before")  # another process took it while this one read it
        columns = ("file_id", "name", "kind", "state", "received_at", "content")
        row = (file_id, name, "acknowledgement", "posted", at.isoformat(timespec="seconds"), zlib.compress(content))
        store.insert("received_file", [row], columns)
        _Taking(store, file_id, at, result).all(row for row in steps if isinstance(row, Answer))
    return result


class _Taking:
    """One acknowledgement on its way into the store."""

    def __init__(self, store: Store, file_id: str, at: datetime, result: AnswerResult) -> None:
        self.store = store
        self.file_id = file_id
        self.at = at
        self.result = result
        self._rejected: dict[str, _Rejection] = {}
        self._taken: dict[str, str] = {}
        self._in_set: list[tuple[Answer, str]] = []
        self._batches: dict[int, list[bool]] = {}
        self._group = 0

    def all(self, answers: Iterable[Answer]) -> None:
        """Every answer of the file."""
        kept = list(answers)
        rows = []
        self._group = next((self._batch(answer.ours) for answer in kept if answer.level == "group"), 0)
        for seq, answer in enumerate(kept, start=1):
            batch, claim, line_no = self._place(answer)
            rows.append(
                (
                    self.file_id, seq, batch or None, claim or None, line_no, answer.level,
                    None if answer.accepted is None else int(answer.accepted), answer.codes, answer.points_to,
                    answer.says, answer.do,
                )
            )  # fmt: skip
            self._apply(answer, batch, claim, line_no or 0)
        self.result.answers = len(rows)
        self.store.insert("answer", rows, _ANSWER)
        step("answers.kept")
        self._mark_taken()
        self._return_to_work()
        self._answer_batches()
        step("answers.marked")

    def _batch(self, control: str) -> int:
        """The batch of a control number; 0 when we sent none under it."""
        number = int(control) if control.isascii() and control.isdigit() and len(control) <= 9 else 0
        return number if self.store.number("SELECT COUNT(*) FROM batch WHERE batch_id = ?", (number,)) else 0

    def _place(self, answer: Answer) -> tuple[int, str, int | None]:
        """Batch, claim and line an answer speaks of."""
        if answer.level == "interchange":
            return self._batch(answer.ours), "", None
        if answer.level in ("group", "transaction", "segment", "element"):
            return self._group, self._known(answer.claim), None
        if answer.level == "receiver":
            sql = "SELECT batch_id FROM batch WHERE name = ? OR ? LIKE name || '-%'"
            return self.store.number(sql, (answer.ours, answer.ours)), "", None
        claim = self._known(answer.claim)
        line = self.store.row(
            "SELECT line_no FROM claim_line WHERE claim_id = ? AND line_id = ? AND line_id <> ''",
            (claim, answer.line_id),
        )
        return self._last_batch(claim), claim, line["line_no"] if line is not None else None

    def _known(self, number: str) -> str:
        return (
            number if number and self.store.number("SELECT COUNT(*) FROM claim WHERE claim_id = ?", (number,)) else ""
        )

    def _last_batch(self, claim: str) -> int:
        return self.store.number("SELECT MAX(batch_id) FROM batch_claim WHERE claim_id = ?", (claim,)) if claim else 0

    def _apply(self, answer: Answer, batch: int, claim: str, line_no: int) -> None:
        if answer.level in ("segment", "element"):
            self._in_set.append((answer, claim))
        elif answer.level == "transaction":
            self._transaction(answer, batch)
        elif answer.level in ("claim", "line"):
            self._claim(answer, claim, line_no)
        elif answer.level in ("interchange", "receiver", "group"):
            self._whole(answer, batch)

    def _whole(self, answer: Answer, batch: int) -> None:
        if not batch:
            self.result.strange.append(f"{answer.level} {answer.ours}: no batch of ours has this number")
        elif answer.level == "group":
            return
        elif answer.accepted is not None:
            self._batches.setdefault(batch, []).append(answer.accepted)
            if not answer.accepted:
                for number in self._claims_of(batch):
                    self._reject(number, answer)

    def _transaction(self, answer: Answer, batch: int) -> None:
        """A set is taken or rejected as one; what the answer points to tells whose fault it is."""
        told, self._in_set = self._in_set, []
        if not batch:
            self.result.strange.append(f"transaction {answer.ours}: no batch of ours has it")
            return
        self._batches.setdefault(batch, []).append(bool(answer.accepted))
        if answer.accepted:
            return
        named = {claim for _, claim in told if claim}
        for number in self._claims_of(batch, answer.ours):
            if number not in named:
                self._reject(number, answer, because="its transaction set was rejected for another claim; ")
        for detail, claim in told:
            if claim:
                self._reject(claim, detail)

    def _claims_of(self, batch: int, set_control: str = "") -> list[str]:
        sql = "SELECT claim_id FROM batch_claim WHERE batch_id = ? AND (? = '' OR set_control = ?) ORDER BY position"
        return [row["claim_id"] for row in self.store.rows(sql, (batch, set_control, set_control))]

    def _claim(self, answer: Answer, claim: str, line_no: int) -> None:
        if not claim:
            if answer.claim:
                self.result.strange.append(f"claim {answer.claim}: no claim of ours has this number")
            return
        if answer.accepted is False:
            self._reject(claim, answer, line_no=line_no)
        elif answer.accepted and answer.level == "claim":
            self._taken[claim] = answer.payer_control

    def _reject(self, claim: str, answer: Answer, *, because: str = "", line_no: int = 0) -> None:
        why = self._rejected.setdefault(claim, _Rejection())
        at = f" (at {answer.points_to})" if answer.points_to else ""
        why.says.append(f"{because}{answer.says}{at}")
        why.todo.append(answer.do)
        why.codes.append(answer.codes)
        why.line_no = why.line_no or line_no

    def _mark_taken(self) -> None:
        taken = [(control, number) for number, control in self._taken.items() if number not in self._rejected]
        self.store.run_many(
            "UPDATE claim SET state = 'taken', payer_control = CASE WHEN ? = '' THEN payer_control ELSE ? END"
            " WHERE claim_id = ? AND state = 'exported'",
            [(control, control, number) for control, number in taken],
        )
        self.result.taken = len(taken)

    def _return_to_work(self) -> None:
        """Claims that the receiver does not have: back to work with the reason. Others stay where they are."""
        sql = "SELECT claim_id FROM claim WHERE state IN ('exported', 'taken') AND claim_id IN ({})"
        back = [row["claim_id"] for row in in_chunks(self.store, sql, sorted(self._rejected))]
        if not back:
            return
        self.store.run_many("UPDATE claim SET state = 'rejected' WHERE claim_id = ?", [(number,) for number in back])
        book_return(self.store, back, self.at)
        first = self.store.next_number("work", len(back))
        rows: list[tuple[Any, ...]] = []
        for at, number in enumerate(back):
            why = self._rejected[number]
            says, todo = ("; ".join(dict.fromkeys(words)) for words in (why.says, why.todo))
            rows.append(
                (
                    first + at, "rejected", number, why.line_no, " ".join(dict.fromkeys(why.codes)), says,
                    f"{todo}; {_SEND_AGAIN}", self.at.date().isoformat(),
                )
            )  # fmt: skip
        self.store.insert("work", rows, _WORK)
        self.result.rejected = back

    def _answer_batches(self) -> None:
        for batch, taken in self._batches.items():
            word = "taken" if all(taken) else "rejected" if not any(taken) else "partly"
            self.store.run("UPDATE batch SET answer = ? WHERE batch_id = ?", (word, batch))


def resend(store: Store, number: str, at: datetime, by: str, because: str) -> bool:
    """Make a rejected claim ready again without a change, on a person's word; False when it is not rejected."""
    moment = at.isoformat(timespec="seconds")
    with store.transaction("resend"):
        done = store.run("UPDATE claim SET state = 'ready' WHERE claim_id = ? AND state = 'rejected'", (number,))
        if done:
            store.run(
                "UPDATE work SET ended_at = ?, ended_by = ?, ended_how = ? WHERE claim_id = ? AND kind = 'rejected'"
                " AND ended_at = ''",
                (moment, by, f"sent again: {because}", number),
            )
    return bool(done)
