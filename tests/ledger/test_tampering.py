"""Every way to touch the file behind the ledger's back is found, and the entry is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from careledger.core.errors import LedgerError
from careledger.core.ledger import canonical, seal
from careledger.ledger import Ledger, anchor_of, verify

Tamper = Callable[..., None]


def faults_of(path: Path, *anchors: object) -> list[tuple[str, int | None, str | None]]:
    found = verify(path, anchors)  # type: ignore[arg-type]
    return [(fault.kind, fault.sequence, fault.entry_id) for fault in found.faults]


def rechained(ledger: Ledger, sequence: int, **changes: object) -> list[str]:
    """Statements that change an entry and compute every later hash anew, as someone who knows the program would."""
    entries = list(ledger.entries())
    statements = []
    for place, entry in enumerate(entries):
        if entry.sequence < sequence:
            continue
        made = replace(entry, **changes) if entry.sequence == sequence else entry  # type: ignore[arg-type]
        entries[place] = seal(replace(made, previous_hash=entries[place - 1].hash if place else ledger.origin.hash))
        body = canonical(entries[place]).replace("'", "''")
        statements.append(
            f"UPDATE entries SET body = '{body}', hash = '{entries[place].hash}' WHERE sequence = {entry.sequence}"
        )
    return statements


def test_a_ledger_left_alone_is_sound(eight: Ledger) -> None:
    assert verify(eight.path, [anchor_of(eight), anchor_of(eight, every_entry=True)]).is_sound


def test_an_altered_entry_is_named(eight: Ledger, tamper: Tamper) -> None:
    tamper("UPDATE entries SET body = replace(body, 'salt', 'diet') WHERE sequence = 4")
    assert faults_of(eight.path) == [("altered", 4, "e4")]


def test_an_entry_altered_and_hashed_anew_is_named(eight: Ledger, tamper: Tamper) -> None:
    entry = seal(replace(list(eight.entries())[3], recorded_by="rn-2"))
    tamper(f"UPDATE entries SET body = '{canonical(entry)}', hash = '{entry.hash}' WHERE sequence = 4")
    assert faults_of(eight.path) == [("altered", 4, "e4")]


def test_a_hash_exchanged_is_named(eight: Ledger, tamper: Tamper) -> None:
    tamper("UPDATE entries SET hash = 'ffff' WHERE sequence = 8")
    assert faults_of(eight.path) == [("altered", 8, "e8")]


def test_text_that_is_no_entry_is_named(eight: Ledger, tamper: Tamper) -> None:
    tamper("""UPDATE entries SET body = replace(body, '"kind":', ' "kind":') WHERE sequence = 2""")
    assert ("altered", 2, "e2") in faults_of(eight.path)


@pytest.mark.parametrize("sequence", [1, 4, 7])
def test_a_deleted_entry_is_named_by_its_place_and_neighbours(eight: Ledger, tamper: Tamper, sequence: int) -> None:
    tamper(f"DELETE FROM entries WHERE sequence = {sequence}")
    assert faults_of(eight.path) == [("deleted", sequence, None)]
    assert f"ahead of entry e{sequence + 1}" in str(verify(eight.path).faults[0])


def test_a_deleted_entry_is_named_by_its_id_where_the_anchor_lists_it(eight: Ledger, tamper: Tamper) -> None:
    anchor = anchor_of(eight, every_entry=True)
    tamper("DELETE FROM entries WHERE sequence = 8")
    assert faults_of(eight.path, anchor) == [("truncated", 8, "e8")]


def test_a_deleted_entry_whose_place_was_closed_up_is_found(eight: Ledger, tamper: Tamper) -> None:
    tamper("DELETE FROM entries WHERE sequence = 4", "UPDATE entries SET sequence = sequence - 1 WHERE sequence > 4")
    assert faults_of(eight.path) == [("reordered", 4, "e5"), ("deleted", 4, None)]


def test_reordered_entries_are_named(eight: Ledger, tamper: Tamper) -> None:
    tamper(*(f"UPDATE entries SET sequence = {new} WHERE sequence = {old}" for old, new in ((3, 99), (6, 3), (99, 6))))
    assert faults_of(eight.path) == [("reordered", 3, "e6"), ("reordered", 6, "e3")]


def test_an_inserted_entry_is_named(eight: Ledger, tamper: Tamper) -> None:
    entry = seal(
        replace(list(eight.entries())[3], entry_id="new", work=replace(list(eight.entries())[3].work, entry_id="new"))
    )
    shift = [f"UPDATE entries SET sequence = {place + 1} WHERE sequence = {place}" for place in range(8, 3, -1)]
    tamper(*shift, f"INSERT INTO entries (sequence, body, hash) VALUES (4, '{canonical(entry)}', '{entry.hash}')")
    assert ("inserted", 4, "new") in faults_of(eight.path)
    assert not any(fault[0] == "altered" for fault in faults_of(eight.path))


def test_an_entry_put_behind_the_last_without_the_chain_is_named(eight: Ledger, tamper: Tamper) -> None:
    last = list(eight.entries())[-1]
    entry = seal(replace(last, sequence=9, entry_id="new", work=replace(last.work, entry_id="new")))
    tamper(f"INSERT INTO entries (sequence, body, hash) VALUES (9, '{canonical(entry)}', '{entry.hash}')")
    assert faults_of(eight.path) == [("inserted", 9, "new")]


def test_a_cut_end_shows_against_an_anchor_and_only_there(eight: Ledger, tamper: Tamper) -> None:
    anchor = anchor_of(eight)
    tamper("DELETE FROM entries WHERE sequence > 6")
    assert verify(eight.path).is_sound
    assert faults_of(eight.path, anchor) == [("truncated", 8, "e8")]
    assert "all 2 entries from sequence 7 on" in str(verify(eight.path, [anchor]).faults[0])


def test_every_entry_cut_off_is_named_where_the_anchor_lists_them(eight: Ledger, tamper: Tamper) -> None:
    anchor = anchor_of(eight, every_entry=True)
    tamper("DELETE FROM entries WHERE sequence > 6")
    assert faults_of(eight.path, anchor) == [("truncated", 7, "e7"), ("truncated", 8, "e8")]


def test_a_chain_computed_anew_shows_against_an_anchor(eight: Ledger, tamper: Tamper) -> None:
    small, full = anchor_of(eight), anchor_of(eight, every_entry=True)
    tamper(*rechained(eight, 5, recorded_by="rn-2"))
    assert verify(eight.path).is_sound
    assert faults_of(eight.path, small) == [("rewritten", 8, "e8")]
    assert faults_of(eight.path, full) == [("rewritten", 5, "e5")]


def test_an_anchor_of_another_ledger_does_not_fit(eight: Ledger) -> None:
    assert faults_of(eight.path, replace(anchor_of(eight), ledger_id="other"))[0][0] == "exchanged"


def test_another_origin_is_found(eight: Ledger, tamper: Tamper) -> None:
    tamper("UPDATE origin SET late_after_days = 400")
    assert ("altered", 1, "e1") in faults_of(eight.path)


def test_guards_taken_away_are_told(eight: Ledger) -> None:
    con = sqlite3.connect(eight.path, isolation_level=None)
    con.execute("DROP TRIGGER entries_no_delete")
    con.close()
    assert faults_of(eight.path) == [("unguarded", None, None)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET hash = 'x' WHERE sequence = 1",
        "DELETE FROM entries WHERE sequence = 8",
        "INSERT OR REPLACE INTO entries (sequence, body, hash) SELECT 3, body, 'x' FROM entries WHERE sequence = 3",
        "INSERT OR REPLACE INTO entries (sequence, body, hash) SELECT 9, body, hash FROM entries WHERE sequence = 3",
        "INSERT INTO entries (sequence, body, hash) VALUES (10, '{}', 'x')",
        "UPDATE origin SET late_after_days = 400",
        "DELETE FROM origin",
    ],
)
def test_the_file_itself_refuses_what_is_no_append(eight: Ledger, statement: str) -> None:
    con = sqlite3.connect(eight.path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        con.execute(statement)
    con.close()
    assert verify(eight.path).is_sound


def test_a_file_that_is_no_ledger_is_told_as_such(tmp_path: Path) -> None:
    stranger = tmp_path / "notes.db"
    stranger.write_bytes(b"no database at all" * 100)
    with pytest.raises(LedgerError, match="cannot be read as a ledger"):
        verify(stranger)
