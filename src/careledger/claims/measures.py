"""Measures of the revenue cycle, each counted from claims, answers and the ledger when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from careledger.claims.denials.work import guide_of
from careledger.claims.store.database import Store

_SENT = "('exported', 'taken', 'rejected', 'replaced', 'voided')"


@dataclass(frozen=True, slots=True)
class Row:
    """Money of a payer's code.

    Attributes:
        allowed_cents: what payers allowed, where they said so, else paid plus the patient's share.
        adjusted_cents: given up: by contract, sequestration, or a person's word.
    """

    payer: str
    code: str
    lines: int
    charged_cents: int
    allowed_cents: int
    paid_cents: int
    adjusted_cents: int
    denied_lines: int


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures of a period of service.

    Attributes:
        collection_rate: paid by payers and patients, of what was allowed; None when nothing was.
        days_in_receivables: what is owed today, divided by the average daily charge of the last ninety days.
        first_pass: claims taken or decided without ever being rejected, of those that were answered.
        by_check: denied lines by the numbered check that could have stopped them, with cents.
    """

    rows: list[Row]
    collection_rate: float | None
    days_in_receivables: float | None
    first_pass: float | None
    denial_rate: float | None
    by_check: list[tuple[str, int, int]]


def measures(store: Store, today: date, since: str = "", until: str = "9999") -> Measures:
    """Count everything for services from one day to another."""
    rows = _rows(store, since, until)
    allowed = sum(row.allowed_cents for row in rows)
    paid = sum(row.paid_cents for row in rows) + _patient_paid(store, since, until)
    lines, denied = _decided(store, since, until)
    return Measures(
        rows=rows,
        collection_rate=paid / allowed if allowed else None,
        days_in_receivables=_days(store, today),
        first_pass=_first_pass(store, since, until),
        denial_rate=denied / lines if lines else None,
        by_check=_by_check(store, since, until),
    )


def _rows(store: Store, since: str, until: str) -> list[Row]:
    """Charges of claims that stand; what came back for them by line."""
    found = store.rows(
        "SELECT c.payer_number AS payer, l.code AS code, COUNT(*) AS lines, SUM(l.charge_cents) AS charged,"
        " SUM(COALESCE(m.allowed, 0)) AS allowed, SUM(COALESCE(m.paid, 0)) AS paid,"
        " SUM(COALESCE(g.given, 0)) AS given, SUM(COALESCE(d.denied, 0)) AS denied"
        " FROM claim c JOIN claim_line l ON l.claim_id = c.claim_id"
        " LEFT JOIN (SELECT r.claim_id, x.line_no, SUM(x.paid_cents) AS paid,"
        " SUM(CASE WHEN x.allowed_cents IS NOT NULL AND r.status <> '22' THEN x.allowed_cents"
        " ELSE x.paid_cents + COALESCE(a.share, 0) END) AS allowed"
        " FROM remitted_claim r JOIN remitted_line x ON x.payment_id = r.payment_id AND x.seq = r.seq"
        " LEFT JOIN (SELECT payment_id, seq, line_seq, SUM(amount_cents) AS share FROM remitted_adjustment"
        " WHERE (group_code = 'PR' AND reason IN ('1', '2', '3', '66')) OR reason = '253'"
        " GROUP BY payment_id, seq, line_seq) a"
        " ON a.payment_id = x.payment_id AND a.seq = x.seq AND a.line_seq = x.line_seq"
        " WHERE r.claim_id IS NOT NULL AND r.status NOT IN ('23', '25') GROUP BY r.claim_id, x.line_no) m"
        " ON m.claim_id = c.claim_id AND m.line_no = l.line_no"
        " LEFT JOIN (SELECT claim_id, line_no, SUM(amount_cents) AS given FROM entry WHERE account IN"
        " ('contractual', 'sequestration', 'payment_adjustment', 'written_off') GROUP BY claim_id, line_no) g"
        " ON g.claim_id = c.claim_id AND g.line_no = l.line_no"
        " LEFT JOIN (SELECT claim_id, line_no, COUNT(*) AS denied FROM work WHERE kind = 'denied' AND ended_how NOT LIKE"
        " 'decided again%' GROUP BY claim_id, line_no) d ON d.claim_id = c.claim_id AND d.line_no = l.line_no"
        f" WHERE c.state IN {_SENT} AND c.state NOT IN ('replaced', 'voided') AND c.frequency <> '8'"
        " AND l.since >= ? AND l.since <= ?"
        " GROUP BY c.payer_number, l.code ORDER BY c.payer_number, l.code",
        (since, until),
    )
    return [
        Row(
            row["payer"], row["code"], row["lines"], row["charged"], row["allowed"], row["paid"], row["given"], row["denied"]
        )
        for row in found
    ]  # fmt: skip


def _patient_paid(store: Store, since: str, until: str) -> int:
    return store.number(
        "SELECT SUM(e.amount_cents) FROM entry e JOIN claim c ON c.claim_id = e.claim_id"
        " WHERE e.account = 'patient_cash' AND c.since >= ? AND c.since <= ?",
        (since, until),
    )


def _decided(store: Store, since: str, until: str) -> tuple[int, int]:
    """Lines decided for the first time, and how many of them were denied."""
    lines = store.number(
        "SELECT COUNT(*) FROM (SELECT DISTINCT r.claim_id, x.line_no FROM remitted_claim r JOIN remitted_line x"
        " ON x.payment_id = r.payment_id AND x.seq = r.seq JOIN claim c ON c.claim_id = r.claim_id"
        " WHERE r.status NOT IN ('22', '23', '25') AND c.since >= ? AND c.since <= ?) AS decided",
        (since, until),
    )
    denied = store.number(
        "SELECT COUNT(*) FROM (SELECT DISTINCT w.claim_id, w.line_no FROM work w JOIN claim c ON c.claim_id = w.claim_id"
        " WHERE w.kind = 'denied' AND c.since >= ? AND c.since <= ?) AS denied",
        (since, until),
    )
    return lines, denied


def _days(store: Store, today: date) -> float | None:
    owed = store.number("SELECT SUM(amount_cents) FROM entry WHERE account = 'receivable'")
    first = (today - timedelta(days=90)).isoformat()
    charged = -store.number(
        "SELECT SUM(e.amount_cents) FROM entry e JOIN journal j ON j.journal_id = e.journal_id"
        " WHERE e.account = 'charges' AND j.posted_at >= ?",
        (first,),
    )
    return owed * 90 / charged if charged > 0 else None


def _first_pass(store: Store, since: str, until: str) -> float | None:
    row = store.row(
        "SELECT COUNT(*) AS answered, SUM(CASE WHEN EXISTS (SELECT 1 FROM work w WHERE w.claim_id = c.claim_id"
        " AND w.kind = 'rejected') THEN 0 ELSE 1 END) AS clean FROM claim c"
        " WHERE c.state IN ('taken', 'rejected', 'replaced', 'voided') AND c.since >= ? AND c.since <= ?",
        (since, until),
    )
    return row["clean"] / row["answered"] if row is not None and row["answered"] else None


def _by_check(store: Store, since: str, until: str) -> list[tuple[str, int, int]]:
    rows: list[Any] = store.rows(
        "SELECT w.codes, w.amount_cents FROM work w JOIN claim c ON c.claim_id = w.claim_id"
        " WHERE w.kind = 'denied' AND c.since >= ? AND c.since <= ?",
        (since, until),
    )
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        check = check_of(tuple(row["codes"].split()))
        count, cents = found.get(check, (0, 0))
        found[check] = (count + 1, cents + row["amount_cents"])
    return sorted(((check, *pair) for check, pair in found.items()), key=lambda item: -item[2])


def check_of(codes: tuple[str, ...]) -> str:
    """The numbered check that looks for what the payer complains of; empty when none can see it."""
    guide = guide_of(codes)
    return guide.check if guide is not None else ""
