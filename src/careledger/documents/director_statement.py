"""The director's monthly statement, fit for a personal-services file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from careledger.core.money import dollars
from careledger.documents.report import Piece, alarm, heading, note, report_pdf, signature, table, text
from careledger.oversight.director.statement import late_days, terms_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from careledger.oversight.director.statement import Statement
    from careledger.policy import PolicyView


def statement_pdf(told: Statement, view: PolicyView, zone: ZoneInfo, prepared_on: date) -> bytes:
    """The statement as PDF; equal statements give equal bytes."""
    return report_pdf(
        title="Director's statement",
        subtitle=f"{told.agreement.director}, {told.month}, under agreement {told.agreement.agreement_id}",
        practice=told.agreement.practice,
        foot=f"Prepared {prepared_on}. Administrative work for the program; no part of it is billed to a patient or payer.",
        pieces=list(_pieces(told, view, zone)),
    )


def _pieces(told: Statement, view: PolicyView, zone: ZoneInfo) -> Iterator[Piece]:
    agreement = told.agreement
    yield text(
        f"{told.minutes} minutes were logged, {told.payable_minutes} are payable under a cap of {agreement.cap_minutes_per_month} "
        f"minutes a month, at {dollars(agreement.rate_cents_per_hour)} an hour set on {agreement.signed_on}: {dollars(told.amount_cents)}."
    )
    yield from (alarm(warning) for warning in told.warnings)
    yield heading("Work by duty")
    yield table(
        ["duty of the agreement", "minutes"],
        [[agreement.duties[d], str(m)] for d, m in told.by_duty.items()],
        [5, 1],
        (1,),
    )
    yield heading("Log")
    rows = [
        [
            str(e.entry_id),
            str(e.on),
            f"{_clock(e.start_s, zone)} to {_clock(e.end_s, zone)}",
            str(e.seconds // 60),
            e.duty,
            e.what,
            _late(late_days(e)),
        ]
        for e in told.entries
    ]
    yield table(
        ["no", "day", "time", "min", "duty", "what was done", "recorded"],
        rows,
        [0.5, 1.3, 1.8, 0.7, 1.5, 4.2, 1.3],
        (0, 3),
    )
    yield heading("What the exception for personal services expects")
    terms = [
        [term, "seen in the agreement" if seen else "NOT SEEN", cite] for term, seen, cite in terms_of(agreement, view)
    ]
    yield table(["term", "agreement", "source"], terms, [3, 2, 2])
    value = view.value("house.director.contract_terms")
    yield note(
        f"{value.note}. {view.value('house.director.work_shown').note}. Seen means that whoever recorded the agreement said so; dates are computed."
    )
    yield heading("Signatures")
    yield signature(agreement.director, "Director: I did this work on these days")
    if told.approval is None:
        yield signature(agreement.approver, "Approver: the work was needed, was done, and is payable as stated")
    else:
        yield text(
            f"Approved by {told.approval.approver} on {told.approval.approved_on}: {told.approval.signature} ({told.approval.minutes} minutes, {dollars(told.approval.amount_cents)})"
        )


def _clock(seconds: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).strftime("%H:%M")


def _late(days: int) -> str:
    return "same day" if days <= 0 else f"{days} days later" if days > 1 else "next day"
