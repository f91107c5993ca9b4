"""A month under an agreement: minutes, what is payable, and what a reviewer would ask about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from careledger.core.month import Month
from careledger.oversight.director.model import Agreement, Approval, DirectorEntry

if TYPE_CHECKING:
    from careledger.policy import PolicyView

LEAST_WORDS = 4
"""Fewer words than this say too little about what was done."""

Clinical = Sequence[tuple[str, int, int]]
"""Clinical time of the same person: entry id, start and end in seconds."""


class Log(Protocol):
    """A director's log, wherever it is kept: a file of its own, or tables of the clinic that nothing else refers to."""

    def agreement(self, agreement_id: str) -> Agreement:
        """An agreement by its id."""

    def entries(self, agreement_id: str, month: Month) -> list[DirectorEntry]:
        """Entries of a month that stand, in order of time."""

    def approval(self, agreement_id: str, month: Month) -> Approval | None:
        """The signature under a month, if it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month's statement."""

    agreement: Agreement
    month: Month
    entries: tuple[DirectorEntry, ...]
    minutes: int
    payable_minutes: int
    amount_cents: int
    warnings: tuple[str, ...]
    approval: Approval | None

    @property
    def by_duty(self) -> dict[str, int]:
        """Minutes by duty."""
        return {duty: sum(e.seconds for e in self.entries if e.duty == duty) // 60 for duty in self.agreement.duties}


def statement(log: Log, agreement_id: str, month: Month, view: PolicyView, clinical: Clinical = ()) -> Statement:
    """The statement of a month: whole minutes, at most the cap, at the rate set in advance."""
    agreement, entries = log.agreement(agreement_id), log.entries(agreement_id, month)
    minutes = sum(entry.seconds for entry in entries) // 60
    payable = min(minutes, agreement.cap_minutes_per_month)
    return Statement(
        agreement=agreement,
        month=month,
        entries=tuple(entries),
        minutes=minutes,
        payable_minutes=payable,
        amount_cents=payable * agreement.rate_cents_per_hour // 60,
        warnings=tuple(_warnings(agreement, entries, minutes, view, clinical)),
        approval=log.approval(agreement_id, month),
    )


def terms_of(agreement: Agreement, view: PolicyView) -> list[tuple[str, bool, str]]:
    """What 42 CFR 411.357(d)(1) expects of the agreement: the term, whether it was seen, and the source."""
    cite = " ".join(view.value("house.director.contract_terms").cite)
    return [
        (term.replace("_", " "), _is_seen(term, agreement, view), cite)
        for term in view.words("house.director.contract_terms")
    ]


def _is_seen(term: str, agreement: Agreement, view: PolicyView) -> bool:
    """Terms that dates can show are read from dates; the others are the reader's word."""
    if term == "a_year_at_least":
        return (agreement.ends_on - agreement.starts_on).days + 1 >= view.number("house.director.least_term_days")
    return term in agreement.terms


def _warnings(
    agreement: Agreement, entries: list[DirectorEntry], minutes: int, view: PolicyView, clinical: Clinical
) -> Iterator[str]:
    if minutes > agreement.cap_minutes_per_month:
        over = minutes - agreement.cap_minutes_per_month
        yield f"{over} minutes stand above the month's cap of {agreement.cap_minutes_per_month}; they are not payable"
    for entry in entries:
        if len(entry.what.split()) < LEAST_WORDS:
            yield f"entry {entry.entry_id} says too little about what was done"
        for id_, start, end in clinical:
            if start < entry.end_s and entry.start_s < end:
                shared = (min(end, entry.end_s) - max(start, entry.start_s)) // 60
                yield f"entry {entry.entry_id} overlaps clinical time entry {id_} by {shared} minutes; a minute is paid once"
    for before, after in pairwise(entries):
        if after.start_s < before.end_s:
            yield f"entries {before.entry_id} and {after.entry_id} overlap"
    for term, seen, cite in terms_of(agreement, view):
        if not seen:
            yield f"the agreement was not seen to hold: {term} ({cite})"
    unused = [duty for duty in agreement.duties if all(entry.duty != duty for entry in entries)]
    if unused and entries:
        yield f"duties paid for and not performed this month: {', '.join(unused)}"


def late_days(entry: DirectorEntry) -> int:
    """Days between the work and its record."""
    return (date.fromordinal(719163 + entry.recorded_s // 86400) - entry.on).days
