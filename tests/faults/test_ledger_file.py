"""The time ledger's file, as the command line keeps it, under faults at every step of an append and of its making."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.faults.catalogue import CLOCK, FULL, KILLED, NO_DATABASE, TWICE, TWO_SERVERS, Case, inject
from tests.faults.hatchery import Hatchery
from tests.faults.house import meet
from tests.faults.places import file, sql

from careledger.ledger import create, verify

pytestmark = pytest.mark.xdist_group("faults-1")
AREA = "logging time"
BEGUN, INSERTED, COMMIT = sql("^BEGIN IMMEDIATE", "after"), sql("^INSERT INTO entries", "after"), sql("^COMMIT$")
APPENDING = {
    "ledger's file: its turn has come": BEGUN,
    "ledger's file: after the row": INSERTED,
    "ledger's file: before the commit": COMMIT,
}
COMMITTED = {"ledger's file: after the commit": sql("^COMMIT$", "after")}
NOW = 1_800_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with one entry."""
    found = tmp_path / "time.ledger"
    create(found, clock=lambda: NOW).close()
    return found


def count(path: Path) -> int:
    found = verify(path)
    assert found.is_sound, found.lines()
    return found.count


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the statement", APPENDING | COMMITTED), ids=str)
def test_killed_while_appending(hatchery: Hatchery, path: Path, case: Case) -> None:
    faults = [{**case.value, "do": "kill"}]
    assert hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW, faults=faults).was_killed
    assert count(path) == (case.step in COMMITTED)
    hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW)
    assert count(path) == 1


@pytest.mark.parametrize(
    "case", inject(AREA, FULL, "every write refused (EFBIG) from the statement on", APPENDING), ids=str
)
def test_full_disk_while_appending(hatchery: Hatchery, path: Path, case: Case) -> None:
    faults = [{**case.value, "do": "full"}]
    done = hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW, faults=faults)
    assert done.fired == ["full"]
    assert done.raised == "LedgerError"
    assert count(path) == 0
    assert hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW).returned is True
    assert count(path) == 1


MAKING = {
    "making the ledger's file, before it takes its name": file(r"os.link .*\.part"),
    "making the ledger's file, after it took its name": file(r"os.remove .*\.part", nth=2),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the file operation", MAKING), ids=str)
def test_killed_while_making(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    path = tmp_path / "new.ledger"
    faults = [{**case.value, "do": "kill"}]
    assert hatchery.run("acts:cli", told=["ledger", "init", str(path)], faults=faults).was_killed
    if not path.exists():
        assert hatchery.run("acts:cli", told=["ledger", "init", str(path)]).returned == 0
    assert count(path) == 0
    assert hatchery.run("acts:ledger_log", path=str(path), name="one").returned is True


HELD = "two processes at once, one held after its row"
SAME = inject(AREA, TWICE, HELD, {"ledger's file: the same entry": ("one", "one", 1)})
OTHER = inject(AREA, TWO_SERVERS, HELD, {"ledger's file: two entries": ("one", "two", 2)})


@pytest.mark.parametrize("case", [*SAME, *OTHER], ids=str)
def test_two_at_once(hatchery: Hatchery, path: Path, tmp_path: Path, case: Case) -> None:
    first, second, entries = case.value
    act = {"act": "acts:ledger_log", "path": str(path), "now_s": NOW}
    ended = meet(hatchery, tmp_path / "meet", INSERTED, {**act, "name": first}, {**act, "name": second, "minute": 5 * (first != second)})  # fmt: skip
    assert [one.raised for one in ended] == ["", ""]
    assert sum(one.returned for one in ended) == entries
    assert count(path) == entries


@pytest.mark.parametrize(
    "case",
    inject(AREA, NO_DATABASE, "the file is taken away and put back", ["ledger's file: before it is opened"]),
    ids=str,
)
def test_the_file_is_away_for_a_while(hatchery: Hatchery, path: Path, case: Case) -> None:
    assert hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW).returned is True
    away = path.rename(path.with_suffix(".away"))
    assert hatchery.run("acts:ledger_log", path=str(path), name="two", now_s=NOW, minute=5).raised == "LedgerError"
    assert not path.exists(), "an empty ledger must not stand in its place"
    away.rename(path)
    assert hatchery.run("acts:ledger_log", path=str(path), name="two", now_s=NOW, minute=5).returned is True
    assert count(path) == 2


JUMPS = {
    "ledger's file: set back an hour between two entries": (-3600, False),
    "ledger's file: set back a minute between two entries": (-60, True),
    "ledger's file: a year ahead between two entries": (365 * 86_400, True),
}


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the ledger's clock", JUMPS), ids=str)
def test_the_clock_jumps(hatchery: Hatchery, path: Path, case: Case) -> None:
    jump, is_taken = case.value
    assert hatchery.run("acts:ledger_log", path=str(path), name="one", now_s=NOW).returned is True
    second = hatchery.run("acts:ledger_log", path=str(path), name="two", now_s=NOW + jump, minute=5)
    assert second.raised == ("" if is_taken else "EntryRefused")
    assert count(path) == 1 + is_taken
    third = hatchery.run("acts:ledger_log", path=str(path), name="two", now_s=NOW + max(jump, 0), minute=5)
    assert not third.raised
    assert count(path) == 2
