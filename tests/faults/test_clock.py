"""The clinic's clock jumps while people work, and in the nights in which clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.faults.catalogue import BOTH, CLOCK, Case, inject
from tests.faults.house import House
from tests.web.cast import NOON, ZONE

pytestmark = pytest.mark.xdist_group("faults-1")
AREA = "logging time"
BACK = "the server's clock set back"
AHEAD = "the server's clock set ahead"
NIGHT = "the night in which clocks change"


@pytest.mark.parametrize("case", inject(AREA, CLOCK, BACK, ["an hour, between two entries"], on=BOTH), ids=str)
def test_set_back_between_entries(house: House, case: Case) -> None:
    house.do("log", once="one")
    house.do("log", once="two", minute=-30, at=NOON - timedelta(hours=1))
    assert house.sound()["current"] == ["october", "one", "two"]


@pytest.mark.parametrize("case", inject(AREA, CLOCK, BACK, ["behind an entry's own end"], on=BOTH), ids=str)
def test_set_back_behind_the_work(house: House, case: Case) -> None:
    refused = house.run("log", once="one", at=NOON - timedelta(days=1))
    assert refused.raised == "TimeRefused"
    house.do("log", once="one")
    assert house.sound()["current"] == ["october", "one"]


@pytest.mark.parametrize("case", inject(AREA, CLOCK, BACK, ["an hour, under a running timer"], on=BOTH), ids=str)
def test_set_back_under_a_timer(house: House, case: Case) -> None:
    """The work is not thrown away: the timer stays until the clock is right again."""
    house.do("start_timer", at=NOON - timedelta(minutes=20))
    assert house.run("stop_timer", at=NOON - timedelta(hours=1)).raised == "TimeRefused"
    assert house.sound()["timers"] == ["running"]
    assert house.do("stop_timer") == 20 * 60


@pytest.mark.parametrize("case", inject(AREA, CLOCK, BACK, ["an hour, after a page was seen"], on=BOTH), ids=str)
def test_set_back_after_a_sign_of_life(house: House, case: Case) -> None:
    """The clock falls behind the last sign of life, yet stands after the start: twenty minutes would be lost."""
    house.do("start_timer", at=NOON - timedelta(minutes=90))
    house.do("see_timer", at=NOON - timedelta(minutes=1))
    assert house.run("stop_timer", at=NOON - timedelta(minutes=61)).raised == "TimeRefused"
    assert house.do("stop_timer") == 90 * 60


@pytest.mark.parametrize("case", inject(AREA, CLOCK, AHEAD, ["two days, under a running timer"], on=BOTH), ids=str)
def test_set_ahead_under_a_timer(house: House, case: Case) -> None:
    house.do("start_timer", at=NOON - timedelta(minutes=20))
    assert house.run("stop_timer", at=NOON + timedelta(days=2)).raised == "TimeRefused"
    assert house.sound()["timers"] == ["running"]
    assert house.do("stop_timer") == 20 * 60


NIGHTS = {
    "timer: clocks go back under it": (datetime(2026, 11, 1, 0, 30, tzinfo=ZONE), 3600 + 45 * 60),
    "timer: clocks go ahead under it": (datetime(2026, 3, 8, 1, 30, tzinfo=ZONE), 45 * 60),
    "timer: month ends under it": (datetime(2026, 10, 31, 23, 50, tzinfo=ZONE), 20 * 60),
}


@pytest.mark.parametrize("case", inject(AREA, CLOCK, NIGHT, NIGHTS, on=BOTH), ids=str)
def test_a_night_of_the_clocks(house: House, case: Case) -> None:
    """What runs is seconds: no wall clock adds an hour or takes one."""
    begun, seconds = case.value
    start = datetime.fromtimestamp(begun.timestamp(), ZONE)
    house.do("start_timer", at=start)
    assert house.do("stop_timer", at=datetime.fromtimestamp(begun.timestamp() + seconds, ZONE)) == seconds
    rows = [row for row in house.sound()["entries"] if row[0] != "october"]
    assert sum(row[3] - row[2] for row in rows) == seconds
