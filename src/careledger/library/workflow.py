"""The editorial workflow as pure functions: who may move an article from which status to which."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from careledger.core.errors import Place
from careledger.library.article import Status
from careledger.library.load import LibraryError

Act = Literal[
    "submit", "begin_review", "comment", "approve", "send_back", "dispute", "supersede", "withdraw", "go_stale"
]

_MOVES: dict[Act, tuple[tuple[Status | None, ...], Status | None]] = {
    "submit": ((None, "submitted", "under_review", "approved", "stale", "disputed", "withdrawn"), "submitted"),
    "begin_review": (("submitted", "stale", "disputed"), "under_review"),
    "comment": (("submitted", "under_review", "approved", "stale", "disputed", "superseded", "withdrawn"), None),
    "approve": (("under_review",), "approved"),
    "send_back": (("under_review",), "submitted"),
    "dispute": (("submitted", "under_review", "approved", "stale"), "disputed"),
    "supersede": (("approved", "stale", "disputed"), "superseded"),
    "withdraw": (("submitted", "under_review", "approved", "stale", "disputed", "superseded"), "withdrawn"),
    "go_stale": (("submitted", "under_review", "approved"), "stale"),
}
_NEEDS_REASON = ("comment", "send_back", "dispute", "supersede", "withdraw", "go_stale")
_NOT_BY_AUTHOR = ("begin_review", "approve", "send_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act on an article; the list of them is its public history.

    Attributes:
        by: the user's id; ``role`` is what readers see.
        text: the article's whole Markdown, with ``submit`` only.
        reason: why, or the comment; for ``supersede`` it names the article that replaces this one.
        fingerprint: of what the text rested on when it was approved.
    """

    article: str
    act: Act
    by: str
    role: str
    at: datetime
    text: str | None = None
    reason: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where an article stands after its events.

    Attributes:
        versions: every text submitted, oldest first.
        approved: which version is approved, counted from 1; None when none is.
    """

    status: Status | None = None
    authors: frozenset[str] = frozenset()
    versions: tuple[str, ...] = ()
    approved: int | None = None
    reviewer_role: str | None = None
    reviewer: str | None = None
    reason: str | None = None
    fingerprint: str | None = None


def state_of(events: Iterable[Event]) -> State:
    """The state that a history leads to; LibraryError at the first act that was not allowed."""
    state = State()
    for event in events:
        state = after(state, event)
    return state


def after(state: State, event: Event) -> State:
    """The state after one act more; LibraryError when the act is not allowed."""
    _refuse_unless_allowed(state, event)
    status = _MOVES[event.act][1] or state.status
    if event.act == "submit":
        assert event.text is not None
        return State(
            status,
            _authors(state, event),
            (*state.versions, event.text),
            state.approved,
            state.reviewer_role,
            None,
            None,
        )
    reviewer = event.by if event.act == "begin_review" else state.reviewer
    if event.act == "approve":
        print_ = event.fingerprint
        return State(status, state.authors, state.versions, len(state.versions), event.role, event.by, None, print_)
    approved = None if event.act in ("withdraw", "supersede") else state.approved
    reason = state.reason if event.act in ("comment", "begin_review") else event.reason
    return State(
        status, state.authors, state.versions, approved, state.reviewer_role, reviewer, reason, state.fingerprint
    )


def possible(state: State) -> tuple[Act, ...]:
    """The acts that the status allows, whoever does them."""
    return tuple(act for act, (froms, _) in _MOVES.items() if state.status in froms)


def shown_version(state: State) -> tuple[str, bool]:
    """The text that readers see, and whether it may be called approved: the approved one where there is one."""
    if not state.versions:
        raise LibraryError(Place("library"), "nothing was submitted under this id", "submit a text first")
    if state.approved is not None:
        return state.versions[state.approved - 1], state.status in ("approved", "submitted", "under_review")
    return state.versions[-1], False


def difference(old: str, new: str) -> str:
    """What changed between two versions, line by line."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="", n=2)
    return "\n".join(lines)


def history_lines(events: Iterable[Event]) -> tuple[str, ...]:
    """The public history: day, role and act; user ids stay inside."""
    said = ((event, f": {event.reason}" if event.reason else "") for event in events)
    return tuple(f"{event.at:%Y-%m-%d} {event.role}: {event.act.replace('_', ' ')}{why}" for event, why in said)


def _authors(state: State, event: Event) -> frozenset[str]:
    """Everyone whose words stand in the text: authors pile up until a version is approved."""
    carried = state.authors if state.approved != len(state.versions) else frozenset()
    return carried | {event.by}


def _refuse_unless_allowed(state: State, event: Event) -> None:
    place = Place("library", field=event.article)
    if state.status not in _MOVES[event.act][0]:
        now = "not submitted" if state.status is None else state.status.replace("_", " ")
        may = ", ".join(act for act, (froms, _) in _MOVES.items() if state.status in froms)
        raise LibraryError(
            place, f"an article that is {now} cannot {event.act.replace('_', ' ')}", f"possible are: {may}"
        )
    if event.act in _NOT_BY_AUTHOR and event.by in state.authors:
        raise LibraryError(place, "an author may not review the article", "ask another person")
    if event.act in _NEEDS_REASON and not (event.reason or "").strip():
        raise LibraryError(place, f"'{event.act.replace('_', ' ')}' needs a reason", "say why; readers will see it")
    if event.act == "submit" and not (event.text or "").strip():
        raise LibraryError(place, "there is no text", "submit the article's Markdown")
    if event.act == "approve" and not event.fingerprint:
        raise LibraryError(
            place, "the fingerprint of what was checked is missing", "give the one that 'library lint' computes"
        )
