"""From everything told of a claim, in whatever order it came, to what stands: billed, paid, denied, taken back, replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careledger.claims.history.events import ANSWERED, BILLED, Event
from careledger.claims.model import REPLACEMENT, VOID
from careledger.claims.x12.remittance import REVERSAL

DENIED = "4"


@dataclass(frozen=True, slots=True)
class Line:
    """A service of the history.

    Attributes:
        event: as it was billed, or as its first answer tells when no claim told of it.
        is_answered: a remittance told of it.
        state: ``billed`` or ``paid`` when it stands; ``denied``; ``reversed`` when the payer took its payment back;
            ``void`` when a later claim replaced it or took it back.
    """

    event: Event
    is_answered: bool
    allowed_cents: int
    paid_cents: int
    state: str

    @property
    def stands(self) -> bool:
        return self.state in ("billed", "paid")


def lines(events: Iterable[Event]) -> list[Line]:
    """Every service once, in the order of claims."""
    claims: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        claims.setdefault((event.patient_id, event.claim), []).append(event)
    gone = _followed(claims)
    return [line for key, told in sorted(claims.items()) for line in _of_claim(told, gone.get(key, ""))]


def _followed(claims: Mapping[tuple[str, str], list[Event]]) -> dict[tuple[str, str], str]:
    """Claims that a later one replaces or takes back, by the payer's number of them."""
    known = {event.control: key for key, told in claims.items() for event in told if event.control}
    found = {}
    for key, told in claims.items():
        for event in told:
            former = known.get(event.follows)
            if event.follows and former is not None and former != key:
                found[former] = "void"
    return found


def _of_claim(told: list[Event], gone: str) -> list[Line]:
    """The lines of one claim: those of its last form, each with its answers, and those that only a remittance tells of."""
    billed = _last_form([event for event in told if event.kind == BILLED])
    answers: dict[tuple[str, str], list[Event]] = {}
    for event in told:
        if event.kind == ANSWERED:
            answers.setdefault((event.code, event.on), []).append(event)
    found = [(event, answers.pop((event.code, event.on), [])) for event in billed]
    for event, own in found:  # payers tell another day of a month's service than we do
        other = next((key for key in answers if key[0] == event.code), None)
        if not own and other is not None:
            own += answers.pop(other)
    found += [(same[0], same) for same in answers.values()]
    return [_line(event, own, gone) for event, own in found]


def _last_form(billed: list[Event]) -> list[Event]:
    """Under one number: a void leaves the lines, marked; a replacement stands in place of the original."""
    for status in (VOID, REPLACEMENT):
        if any(event.status == status for event in billed):
            return [event for event in billed if event.status == status]
    return billed


def _line(event: Event, answers: list[Event], gone: str) -> Line:
    answers = sorted(answers, key=lambda one: one.answered_on)
    paid = sum(one.paid_cents for one in answers)
    allowed = sum(one.allowed_cents or 0 for one in answers)
    void = event.kind == BILLED and event.status == VOID
    return Line(event, bool(answers), allowed, paid, "void" if void else gone or _state(answers))


def _state(answers: list[Event]) -> str:
    """What the last answer left; a payment taken back and made anew stands."""
    if not answers:
        return "billed"
    last = answers[-1]
    if last.status == REVERSAL:
        return "reversed"
    return "denied" if last.status == DENIED or not (last.paid_cents or last.allowed_cents) else "paid"
