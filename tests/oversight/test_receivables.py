"""Days in receivables, days to payment and denials by reason, from a claims store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.oversight.measures.money import receivables

NOVEMBER = Month(2026, 11)


def _row(db: sqlite3.Connection, table: str, **cells: object) -> None:
    """A row with what is named; other columns that must hold something hold an empty text or nothing."""
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    filled = {name: cells.get(name, 0 if "INT" in kind.upper() else "") for _, name, kind, *_ in columns}
    marks = ", ".join("?" * len(filled))
    db.execute(f"INSERT INTO {table} ({', '.join(filled)}) VALUES ({marks})", list(filled.values()))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three claims sent on October 2: one paid after 20 days, one denied, one not answered."""
    file = tmp_path / "claims.db"
    schema = resources.files("careledger.claims.store").joinpath("schema.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(schema)
        _row(db, "batch", batch_id=1, created_at="2026-10-02T09:00:00", content=b"")
        for place, name in enumerate(("paid", "denied", "open"), 1):
            _row(db, "claim", claim_id=name, state="taken", month="2026-11", charge_cents=10_000)
            _row(db, "batch_claim", batch_id=1, position=place, claim_id=name)
        for number, name, paid in ((1, "paid", 6_000), (2, "denied", 0)):
            _row(db, "payment", payment_id=number, trace=str(number), paid_on=f"2026-10-{21 + number}")
            _row(db, "remitted_claim", payment_id=number, seq=1, claim_id=name, paid_cents=paid)
            _row(db, "remitted_line", payment_id=number, seq=1, line_seq=1, paid_cents=paid)
            _row(
                db, "remitted_adjustment", payment_id=number, seq=1, line_seq=1, adj_seq=1, group_code="CO", reason="96"
            )
    return file


def test_what_is_owed_is_told_in_days_of_charges(store: Path) -> None:
    told = receivables(store, NOVEMBER)
    assert told.open_cents == 10_000
    assert told.charged_cents == 30_000
    assert told.days == pytest.approx(91 / 3)


def test_days_to_payment_are_those_of_answered_claims(store: Path) -> None:
    assert receivables(store, NOVEMBER).answered_after == (20, 21)


def test_only_lines_that_pay_nothing_are_denials(store: Path) -> None:
    assert receivables(store, NOVEMBER).denials == (("CO 96", 1),)


def test_nothing_charged_is_no_number(store: Path) -> None:
    told = receivables(store, Month(2026, 8))
    assert told.days is None
    assert told.mean_days_to_answer is None


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no store", encoding="utf-8")
    with pytest.raises(InputError, match="no claims store"):
        receivables(file, NOVEMBER)
