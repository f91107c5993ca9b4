"""Logging time, voiding, correcting and the timer, under faults at every step."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.faults.catalogue import (
    BOTH,
    FULL,
    KILLED,
    NO_DATABASE,
    ON_POSTGRES,
    ON_SQLITE,
    TWICE,
    TWO_SERVERS,
    Case,
    inject,
)
from tests.faults.house import House
from tests.faults.places import sql
from tests.faults.proxy import cutting_proxy
from tests.web.cast import NOON

pytestmark = pytest.mark.xdist_group("faults-1")
AREA = "logging time"
STEPS = {
    "the ledger is locked": sql('FROM "timers_timeledger"', "after"),
    "before the entry's row": sql('INSERT INTO "timers_timeentry"'),
    "after the entry's row": sql('INSERT INTO "timers_timeentry"', "after"),
    "the ledger's end has moved": sql('UPDATE "timers_timeledger"', "after"),
    "after the audit event": sql('INSERT INTO "audit_auditevent"', "after"),
    "the audit log's end has moved": sql('UPDATE "audit_audithead"', "after"),
    "before the commit": sql("^COMMIT$"),
}
COMMITTED = {"after the commit, before anyone is told": sql("^COMMIT$", "after")}
SIGKILL = "SIGKILL at the statement"
REFUSED = "every write refused (EFBIG) from the statement on"
ENDED = "pg_terminate_backend at the statement"


def logged_once(house: House, entries: int = 2) -> dict[str, Any]:
    """The entry of the test stands once beside October's, with one audit event."""
    found = house.sound()
    assert [row[0] for row in found["entries"]].count("one") == 1
    assert len(found["entries"]) == entries
    assert found["audit"]["time.logged"] == 2
    return found


@pytest.mark.parametrize("case", inject(AREA, KILLED, SIGKILL, STEPS | COMMITTED, on=BOTH), ids=str)
def test_killed_while_logging(house: House, case: Case) -> None:
    assert house.run("log", once="one", faults=[{**case.value, "do": "kill"}]).was_killed
    before = house.sound()
    assert len(before["entries"]) == (2 if case.step in COMMITTED else 1)
    assert before["audit"]["time.logged"] == len(before["entries"])
    house.do("log", once="one")
    logged_once(house)


@pytest.mark.parametrize("case", inject(AREA, FULL, REFUSED, STEPS, on=ON_SQLITE), ids=str)
def test_full_disk_while_logging(sqlite_house: House, case: Case) -> None:
    done = sqlite_house.run("log", once="one", faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert len(sqlite_house.sound()["entries"]) == 1
    sqlite_house.do("log", once="one")
    logged_once(sqlite_house)


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, ENDED, STEPS | COMMITTED, on=ON_POSTGRES), ids=str)
def test_session_ended_while_logging(postgres_house: House, case: Case) -> None:
    done = postgres_house.run("log", once="one", faults=[{**case.value, "do": "cut"}])
    assert done.fired == ["cut"]
    assert done.raised or case.step in COMMITTED
    assert len(postgres_house.sound()["entries"]) == (2 if case.step in COMMITTED else 1)
    postgres_house.do("log", once="one")
    logged_once(postgres_house)


LINE = {"the commit never reaches the database": True, "the commit is done, its answer never comes": False}


@pytest.mark.parametrize(
    "case", inject(AREA, NO_DATABASE, "a proxy cuts the line at COMMIT", LINE, on=ON_POSTGRES), ids=str
)
def test_line_cut_at_the_commit(postgres_house: House, case: Case) -> None:
    with cutting_proxy(postgres_house.url, before=case.value) as url:
        behind = replace(postgres_house, url=url)
        done = behind.run("log", once="one")
    assert done.raised == "OperationalError"
    assert len(postgres_house.sound()["entries"]) == (1 if case.value else 2)
    postgres_house.do("log", once="one")
    logged_once(postgres_house)


@pytest.mark.parametrize(
    "case",
    inject(
        AREA,
        NO_DATABASE,
        "another process holds the database longer than we wait",
        ["before it is locked"],
        on=ON_SQLITE,
    ),
    ids=str,
)
def test_database_held_by_another(sqlite_house: House, case: Case) -> None:
    other = sqlite3.connect(sqlite_house.data / "clinic.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sqlite_house.patience_s = 0.2
    done = sqlite_house.run("log", once="one")
    assert "database is locked" in done.says
    other.execute("ROLLBACK")
    other.close()
    sqlite_house.do("log", once="one")
    logged_once(sqlite_house)


ROW = sql('INSERT INTO "timers_timeentry"', "after")
OTHERS = {
    "voiding, after the row": ("void", ROW),
    "correcting, after the row": ("replace", ROW),
    "correcting, before the commit": ("replace", sql("^COMMIT$")),
    "stopping the timer, before the second stretch": ("stop_timer", sql('INSERT INTO "timers_timeentry"', nth=2)),
    "stopping the timer, before it is marked done": ("stop_timer", sql('INSERT INTO "audit_auditevent"', nth=3)),
    "starting the timer, before its audit event": ("start_timer", sql('INSERT INTO "audit_auditevent"')),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, SIGKILL, OTHERS, on=BOTH), ids=str)
def test_killed_while_changing(house: House, case: Case) -> None:
    act, place = case.value
    args, moment = _prepared(house, act)
    before = house.sound()
    assert house.run(act, **args, at=moment, faults=[{**place, "do": "kill"}]).was_killed
    assert house.sound() == before
    house.do(act, **args, at=moment)
    _changed(house, act, before)


@pytest.mark.parametrize("case", inject(AREA, FULL, REFUSED, OTHERS, on=ON_SQLITE), ids=str)
def test_full_disk_while_changing(sqlite_house: House, case: Case) -> None:
    act, place = case.value
    args, moment = _prepared(sqlite_house, act)
    before = sqlite_house.sound()
    done = sqlite_house.run(act, **args, at=moment, faults=[{**place, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised
    assert sqlite_house.sound() == before
    sqlite_house.do(act, **args, at=moment)
    _changed(sqlite_house, act, before)


def _prepared(house: House, act: str) -> tuple[dict[str, Any], datetime]:
    """What the act needs: an entry to change, or a timer that ran in two stretches."""
    if act == "stop_timer":
        house.do("start_timer", at=NOON - timedelta(minutes=30))
        house.do("pause_timer", at=NOON - timedelta(minutes=20))
        house.do("resume_timer", at=NOON - timedelta(minutes=10))
        return {}, NOON
    return ({} if act == "start_timer" else {"entry_id": "october"}), NOON


def _changed(house: House, act: str, before: dict[str, Any]) -> None:
    """The act is done once: as many entries more, and its one event."""
    after = house.sound()
    more = {"void": 1, "replace": 1, "stop_timer": 2, "start_timer": 0}[act]
    assert len(after["entries"]) == len(before["entries"]) + more
    event = {"void": "time.voided", "replace": "time.replaced", "stop_timer": "timer.stopped", "start_timer": "timer.started"}[act]  # fmt: skip
    assert after["audit"][event] == before["audit"].get(event, 0) + 1
    assert after["timers"] == {"stop_timer": ["done"], "start_timer": ["running"]}.get(act, [])


AGAIN = {
    "typing time": ("log", {"once": "one"}, ROW),
    "voiding": ("void", {"entry_id": "october"}, ROW),
    "correcting": ("replace", {"entry_id": "october"}, ROW),
    "stopping the timer": ("stop_timer", {}, ROW),
    "starting the timer": ("start_timer", {}, sql('FROM "timers_timer"', "after")),
}


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same act in two processes at once", AGAIN, on=BOTH), ids=str)
def test_twice_at_once(house: House, case: Case, tmp_path: Path) -> None:
    act, args, place = case.value
    if act != "log":
        _prepared(house, act)
    before = house.sound()
    outcomes = house.meet(tmp_path / "meet", act, place, **args)
    assert any(not one.raised for one in outcomes)
    assert all(one.is_ours for one in outcomes if one.raised), outcomes
    if act == "log":
        logged_once(house)
    else:
        _changed(house, act, before)


@pytest.mark.parametrize(
    "case",
    inject(AREA, TWICE, "the same id again, with other content", ["typing time that was changed"], on=BOTH),
    ids=str,
)
def test_the_same_id_for_other_work_is_refused(house: House, case: Case) -> None:
    house.do("log", once="one")
    other = house.run("log", once="one", minute=30)
    assert other.raised == "TimeRefused"
    logged_once(house)


@pytest.mark.parametrize(
    "case",
    inject(AREA, TWO_SERVERS, "two processes held so that they meet", ["the first entry of a ledger"], on=BOTH),
    ids=str,
)
def test_two_servers_begin_one_ledger(house: House, case: Case, tmp_path: Path) -> None:
    place = sql('FROM "timers_timeledger"', "after")
    outcomes = house.meet(tmp_path / "meet", "log_elsewhere", place, once="first", other="log_elsewhere")
    assert [one.says for one in outcomes if one.raised] == []
    assert house.do("elsewhere") == ["first"]
    house.sound()
