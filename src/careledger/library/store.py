"""Where a clinic keeps editorial events: one SQLite file, only ever added to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from careledger.library.article import read_article
from careledger.library.fingerprint import cited_ids, fingerprint
from careledger.library.lint import claim_problems
from careledger.library.load import FAMILIES, LibraryError, complete, family_notes
from careledger.library.workflow import Event, State, after, state_of
from careledger.policy.store import Policy

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, article TEXT NOT NULL, act TEXT NOT NULL, by TEXT NOT NULL, role TEXT NOT NULL,
  at TEXT NOT NULL, text TEXT, reason TEXT, fingerprint TEXT);
CREATE INDEX IF NOT EXISTS event_article ON event (article, seq);
CREATE TRIGGER IF NOT EXISTS no_change BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'history is not changed'); END;
CREATE TRIGGER IF NOT EXISTS no_removal BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'history is not changed'); END;
"""
_COLUMNS = "article, act, by, role, at, text, reason, fingerprint"


class EditorialStore:
    """Events of articles; every write is checked against the history in the same transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connection() as db:
            db.executescript(_SCHEMA)

    def history(self, article: str) -> tuple[Event, ...]:
        """All acts on an article, oldest first."""
        with self._connection() as db:
            return _history(db, article)

    def state(self, article: str) -> State:
        """Where an article stands."""
        return state_of(self.history(article))

    def articles(self) -> tuple[str, ...]:
        """Ids of all articles with a history."""
        with self._connection() as db:
            return tuple(row[0] for row in db.execute("SELECT DISTINCT article FROM event ORDER BY article"))

    def add(self, event: Event, policy: Policy, today: date) -> State:
        """Do one act; LibraryError when the workflow or, before approval, the text's own claims forbid it."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            before = state_of(_history(db, event.article))
            event = prepared(event, before, policy, today)
            state = after(before, event)
            row = (event.article, event.act, event.by, event.role, event.at.isoformat(), event.text, event.reason)
            db.execute(f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, event.fingerprint))
            db.execute("COMMIT")
            return state

    def stale(self, policy: Policy) -> tuple[str, ...]:
        """Approved articles whose cited values or sources are no longer those that were approved."""
        found = []
        for id_ in self.articles():
            state = self.state(id_)
            if state.status == "approved" and state.approved is not None:
                text = state.versions[state.approved - 1]
                if _fingerprint(text, policy) != state.fingerprint:
                    found.append(id_)
        return tuple(found)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as db:
            yield db


def prepared(event: Event, before: State, policy: Policy, today: date) -> Event:
    """An act ready to be kept: a text that can be read, an approval with the fingerprint of what was checked."""
    if event.act == "submit" and event.text:
        read_article(event.text, f"{event.article}.md", local=True)
    if event.act == "approve" and before.versions:
        return replace(event, fingerprint=_checked(before.versions[-1], policy, today))
    return event


def _history(db: sqlite3.Connection, article: str) -> tuple[Event, ...]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM event WHERE article = ? ORDER BY seq", (article,))
    return tuple(
        Event(
            article=a, act=act, by=by, role=role, at=datetime.fromisoformat(at), text=text, reason=why, fingerprint=mark
        )
        for a, act, by, role, at, text, why, mark in rows
    )


def _fingerprint(text: str, policy: Policy) -> str:
    article = complete(read_article(text, "article.md", local=True), family_notes(FAMILIES))
    return fingerprint(cited_ids(article), policy)


def _checked(text: str, policy: Policy, today: date) -> str:
    """The fingerprint of a text without problems; LibraryError with the first problem otherwise."""
    from careledger.core.errors import Place

    view = policy.on(today)
    for claim in read_article(text, "article.md", local=True).claims():
        for problem in claim_problems(claim, view):
            raise LibraryError(Place("article.md", claim.line), problem, "mend it before approval")
    return _fingerprint(text, policy)
