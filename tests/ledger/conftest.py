"""A ledger of eight entries, and a hand that writes past every guard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ledger.ledger_cast import Clock, work

from careledger.ledger import Ledger, create


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "time.ledger"


@pytest.fixture
def ledger(path: Path, clock: Clock) -> Iterator[Ledger]:
    with create(path, ledger_id="test-ledger", clock=clock) as made:
        yield made


@pytest.fixture
def eight(ledger: Ledger) -> Ledger:
    for number in range(1, 9):
        ledger.log(work(number), recorded_by="rn-1")
    return ledger


@pytest.fixture
def tamper(path: Path) -> Callable[..., None]:
    """Run SQL on the file as its owner can, then put the guards back as if nothing had been."""

    def run(*statements: str) -> None:
        con = sqlite3.connect(path, isolation_level=None)
        guards = con.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            con.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            con.execute(statement)
        for _, sql in guards:
            con.execute(sql)
        con.close()

    return run
