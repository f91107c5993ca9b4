"""Posting a remittance: whole, once, balanced, for this practice; or quarantined whole with the reason.

One pass over the file inside one transaction. When anything forbids posting, the transaction is taken back and the file is
kept aside with its reasons until a person releases it; the reasons then stay with it.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from careledger.claims.posting.booking import Booking
from careledger.claims.posting.deadlines import Deadlines
from careledger.claims.store.database import Store
from careledger.claims.store.steps import step
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable
from careledger.claims.x12.read_835 import Event, read_835
from careledger.claims.x12.remittance import ClaimPayment, PaymentEnd
from careledger.core.errors import InputError, Place
from careledger.policy import Policy

_FILE = (
    "file_id", "name", "kind", "state", "reasons", "received_at", "released_by", "released_because", "content",
)  # fmt: skip
_MONEY = {
    "BPR": (0, 2, 3),
    "TRN": (0, 2, 3),
    "CLP": (0, 1, 2, 3, 4, 5),
    "CAS": range(20),
    "SVC": (0, 2, 3),
    "PLB": range(15),
}
"""Segments and elements that say how much, to whom and under which number; 0 is the segment itself."""

MOST_REASONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A person's word that a quarantined file is to be posted as it is."""

    by: str
    because: str


@dataclass(slots=True)
class PostResult:
    """What became of a file.

    Attributes:
        state: posted, quarantined, or ``before`` when every payment of it was posted earlier.
        reasons: why it is quarantined; the notes of a released one.
    """

    state: str
    file_id: str
    payments: int = 0
    repeated: int = 0
    claims: int = 0
    unmatched: int = 0
    denied_lines: int = 0
    paid_cents: int = 0
    posted_cents: int = 0
    reasons: list[str] = field(default_factory=list)


class _Quarantine(Exception):
    """Posting must not go on."""


def post_835(
    store: Store, content: bytes, name: str, policy: Policy, at: datetime, release: Release | None = None
) -> PostResult:
    """Post an 835, or quarantine it whole.

    Raises:
        NotReadable: the file is no 835; nothing is kept of it.
    """

    def events() -> Iterator[Event]:
        yield from read_835(io.BytesIO(content))

    return post_events(store, events, content, name, "remittance", policy, at, release)


def post_events(
    store: Store,
    events: Callable[[], Iterable[Event]],
    content: bytes,
    name: str,
    kind: str,
    policy: Policy,
    at: datetime,
    release: Release | None = None,
) -> PostResult:
    """Post what a reader of any kind of remittance yields."""
    file_id = hashlib.sha256(content).hexdigest()
    if (known := _known(store, file_id, release)) is not None:
        return known
    run = _Run(store, file_id, policy, at, release)
    try:
        with store.transaction("post"):
            if (known := _known(store, file_id, release)) is not None:
                return known  # another process took it while this one waited
            _keep(store, file_id, name, kind, "posted", [], at, release, content)
            run.all(events())
            if run.reasons and release is None:
                raise _Quarantine
            store.run("UPDATE received_file SET reasons = ? WHERE file_id = ?", ("\n".join(run.reasons), file_id))
    except _Quarantine:
        with store.transaction("quarantine"):
            if (known := _known(store, file_id, release)) is not None:
                return known
            _keep(store, file_id, name, kind, "quarantined", run.reasons, at, None, content)
        return PostResult("quarantined", file_id, reasons=run.reasons)
    run.result.reasons = run.reasons
    return run.result


def _known(store: Store, file_id: str, release: Release | None) -> PostResult | None:
    """What became of the same file earlier; None when it is new, or put aside and now released."""
    row = store.row(
        "SELECT state, reasons FROM received_file WHERE file_id = ? AND kind <> 'acknowledgement'", (file_id,)
    )
    if row is None or (release is not None and row["state"] == "quarantined"):
        return None
    state = "before" if row["state"] == "posted" else "quarantined"
    return PostResult(state, file_id, reasons=row["reasons"].splitlines())


def release_file(store: Store, file_id: str, policy: Policy, at: datetime, release: Release) -> PostResult:
    """Post a quarantined file as it is, on a person's word. A difference of its sums stays visible in suspense.

    Raises:
        InputError: no file of this id is in quarantine.
    """
    row = store.row(
        "SELECT * FROM received_file WHERE file_id LIKE ? AND state = 'quarantined'",
        (f"{file_id}%",),
    )
    if row is None or len(file_id) < 8:
        raise InputError(
            Place(str(store.path)), "no such file is in quarantine", "take the id from 'claims quarantine'"
        )
    content = zlib.decompress(row["content"])
    if row["kind"] == "paper":
        from careledger.claims.posting.paper import post_paper

        return post_paper(store, content, row["name"], policy, at, release)
    return post_835(store, content, row["name"], policy, at, release)


def _keep(
    store: Store,
    file_id: str,
    name: str,
    kind: str,
    state: str,
    reasons: list[str],
    at: datetime,
    release: Release | None,
    content: bytes,
) -> None:
    store.run("DELETE FROM received_file WHERE file_id = ?", (file_id,))
    row: tuple[Any, ...] = (
        file_id, name, kind, state, "\n".join(reasons), at.isoformat(timespec="seconds"), release.by if release else "",
        release.because if release else "", zlib.compress(content, 6),
    )  # fmt: skip
    store.insert("received_file", [row], _FILE)
    step(f"{state}.file_kept")


class _Run:
    """One file on its way into the ledger."""

    def __init__(self, store: Store, file_id: str, policy: Policy, at: datetime, release: Release | None) -> None:
        self.store = store
        self.file_id = file_id
        self.at = at
        self.release = release
        self.reasons: list[str] = []
        self.result = PostResult("before", file_id)
        self._deadlines = Deadlines(policy, at.date())
        self._booking: Booking | None = None
        self._ours: set[str] | None = None

    def all(self, events: Iterable[Event]) -> None:
        """Everything the reader yields; stops early once enough forbids posting."""
        for event in events:
            if isinstance(event, Finding):
                self._finding(event)
            elif isinstance(event, ClaimPayment):
                self._open().claim(event)
            else:
                self._payment(event, self._open())
                self._booking = None

    def _finding(self, finding: Finding) -> None:
        """Envelope and balances always count; a fault of structure only where it touches money."""
        if finding.rule == "X12" and finding.element not in _MONEY.get(finding.segment_id, ()):
            return
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(str(finding))

    def _open(self) -> Booking:
        if self._booking is None:
            self.store.run("SAVEPOINT payment")
            by = self.release.by if self.release else ""
            self._booking = Booking(self.store, self.at, by, self._deadlines)
        return self._booking

    def _payment(self, end: PaymentEnd, booking: Booking) -> None:
        booking.flush()
        trace = self._trace(end, booking)
        if trace is None:
            self.store.run("ROLLBACK TO SAVEPOINT payment")
            self.store.run("RELEASE SAVEPOINT payment")
            return
        self._check_payee(end, booking)
        if self.reasons and self.release is None:
            return  # it will be taken back anyway
        booking.finish(end, self.file_id, trace)
        self.store.run("RELEASE SAVEPOINT payment")
        result = self.result
        result.state = "posted"
        result.payments += 1
        result.claims += booking.matched
        result.unmatched += booking.unmatched
        result.denied_lines += booking.denied_lines
        result.paid_cents += end.payment.amount_cents
        result.posted_cents += booking.matched_cents

    def _trace(self, end: PaymentEnd, booking: Booking) -> str | None:
        """The trace number to post under; None when this very payment was posted before."""
        payment = end.payment
        sql = "SELECT digest, amount_cents FROM payment WHERE payer_id = ? AND trace = ?"
        known = self.store.row(sql, (payment.payer_id, payment.trace))
        if known is None:
            return payment.trace
        if (known["digest"], known["amount_cents"]) == (booking.digest, payment.amount_cents):
            self.result.repeated += 1
            return None
        self.reasons.append(
            f"segment {payment.segment} TRN02: the payer used this trace number before for another payment; "
            "one of the two is wrong; ask the payer"
        )
        return f"{payment.trace}#{booking.payment_id}"

    def _check_payee(self, end: PaymentEnd, booking: Booking) -> None:
        """Is the remittance for this practice?"""
        if self._ours is None:
            rows = self.store.rows("SELECT DISTINCT billing_npi FROM claim")
            self._ours = {row["billing_npi"] for row in rows} | self._released_npis()
        npi = end.payment.payee_npi
        if npi in self._ours or (not npi and booking.matched):
            return
        what = f"the payee's NPI {npi} is not one we bill under" if npi else "the payee has no NPI and no claim is ours"
        self.reasons.append(
            f"segment {end.payment.segment} N1: {what}; it may be another practice's money; send it back or release it"
        )

    def _released_npis(self) -> set[str]:
        return {
            row["payee_npi"] for row in self.store.rows("SELECT DISTINCT payee_npi FROM payment") if row["payee_npi"]
        }


def quarantined(store: Store) -> list[sqlite3.Row]:
    """Files that wait for a person."""
    return store.rows(
        "SELECT file_id, name, kind, reasons, received_at FROM received_file WHERE state = 'quarantined' ORDER BY received_at"
    )


__all__ = ["NotReadable", "PostResult", "Release", "post_835", "post_events", "quarantined", "release_file"]
