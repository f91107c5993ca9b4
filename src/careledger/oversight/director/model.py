"""An agreement, a stretch of administrative work under it, and a month's approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A personal-services agreement with a director: duties, rate and cap set before any work.

    Attributes:
        duties: id of a duty to its words in the agreement.
        terms: what the agreement was seen to hold, of the terms that policy lists.
    """

    agreement_id: str
    director: str
    practice: str
    approver: str
    signed_on: date
    starts_on: date
    ends_on: date
    rate_cents_per_hour: int
    cap_minutes_per_month: int
    duties: dict[str, str]
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorEntry:
    """One stretch of administrative work. It names no patient and no code: it is no time entry and never becomes one."""

    entry_id: int
    agreement_id: str
    duty: str
    start_s: int
    end_s: int
    on: date
    what: str
    recorded_s: int

    @property
    def seconds(self) -> int:
        """Length of the stretch."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The approver's signature under a month."""

    month: str
    approver: str
    approved_on: date
    minutes: int
    amount_cents: int
    signature: str
