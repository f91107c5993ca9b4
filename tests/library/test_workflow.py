"""Editing: who may do what, what readers see, and a history that nobody can rewrite."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from careledger.library.load import LibraryError
from careledger.library.store import EditorialStore
from careledger.library.workflow import Act, Event, difference, history_lines, shown_version
from careledger.policy import load_policy

POLICY = load_policy()
DAY = date(2026, 11, 23)
TEXT = """---
id: local-one
title: A local article
family: ccm
status: submitted
author: ann
last_updated: 2026-11-23
---
A reason.

## Claims

1. {claim} [ccm.clinical_staff_time.first_unit_minutes]
"""
GOOD = TEXT.format(claim="It needs 20 minutes.")
BAD = TEXT.format(claim="It needs 25 minutes.")


@pytest.fixture
def store(tmp_path: Path) -> EditorialStore:
    return EditorialStore(tmp_path / "editorial.sqlite")


def act(store: EditorialStore, what: Act, by: str = "bob", text: str | None = None, reason: str | None = None):  # type: ignore[no-untyped-def]
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    event = Event(article="local-one", act=what, by=by, role="compliance officer", at=at, text=text, reason=reason)
    return store.add(event, POLICY, DAY)


def approved(store: EditorialStore) -> None:
    act(store, "submit", "ann", GOOD)
    act(store, "begin_review")
    act(store, "approve")


def test_an_article_is_approved_by_another_person_than_its_author(store: EditorialStore) -> None:
    act(store, "submit", "ann", GOOD)
    assert shown_version(store.state("local-one")) == (GOOD, False)
    with pytest.raises(LibraryError, match="author may not review"):
        act(store, "begin_review", "ann")
    act(store, "begin_review")
    state = act(store, "approve")
    assert state.status == "approved"
    assert state.fingerprint
    assert shown_version(state) == (GOOD, True)


def test_what_contradicts_policy_is_not_approved(store: EditorialStore) -> None:
    act(store, "submit", "ann", BAD)
    act(store, "begin_review")
    with pytest.raises(LibraryError, match="says 25"):
        act(store, "approve")
    assert store.state("local-one").status == "under_review"


def test_a_new_version_leaves_the_approved_one_in_view(store: EditorialStore) -> None:
    approved(store)
    act(store, "submit", "cay", GOOD.replace("A reason.", "Another reason."))
    text, is_approved = shown_version(store.state("local-one"))
    assert (text, is_approved) == (GOOD, True)
    assert "+Another reason." in difference(*store.state("local-one").versions)


@pytest.mark.parametrize("what", ["withdraw", "dispute", "comment", "supersede", "go_stale"])
def test_readers_are_told_why(store: EditorialStore, what: Act) -> None:
    approved(store)
    with pytest.raises(LibraryError, match="needs a reason"):
        act(store, what)
    act(store, what, reason="the contractor says otherwise")
    assert "the contractor says otherwise" in history_lines(store.history("local-one"))[-1]
    if what in ("withdraw", "dispute", "supersede", "go_stale"):
        assert not shown_version(store.state("local-one"))[1]


def test_acts_out_of_order_are_refused(store: EditorialStore) -> None:
    with pytest.raises(LibraryError, match="not submitted"):
        act(store, "approve")
    act(store, "submit", "ann", GOOD)
    with pytest.raises(LibraryError, match="cannot approve"):
        act(store, "approve")


def test_an_approved_article_is_found_stale_when_a_source_changes(store: EditorialStore) -> None:
    import copy
    from dataclasses import replace

    approved(store)
    assert store.stale(POLICY) == ()
    other = copy.deepcopy(POLICY)
    other.sources["mln909188"] = replace(other.sources["mln909188"], locator="MLN909188, new edition")
    assert store.stale(other) == ("local-one",)


def test_history_cannot_be_rewritten_and_names_no_user(store: EditorialStore, tmp_path: Path) -> None:
    approved(store)
    assert not any("bob" in line for line in history_lines(store.history("local-one")))
    db = sqlite3.connect(tmp_path / "editorial.sqlite")
    for statement in ("DELETE FROM event", "UPDATE event SET by = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="not changed"):
            db.execute(statement)
    db.close()
