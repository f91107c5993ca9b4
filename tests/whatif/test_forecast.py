"""The month in progress: what is within reach at today's pace, and what it would pay."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.whatif.test_whatif import TABLES

from careledger.batch.forecast import BEYOND, BLOCKED, OUT, WITHIN, Outlook, business_days, forecast
from careledger.core.month import Month
from careledger.policy import load_policy

MONTH = Month.parse("2026-10")
START = 1791280800  # 2026-10-06 10:00 UTC


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for table, text in TABLES.items():
        (folder / f"{table}.csv").write_text(text)
    return folder


def _log(data: Path, minutes: int) -> None:
    head = TABLES["time_entries"].splitlines()[0]
    (data / "time_entries.csv").write_text(f"{head}\ne1,p1,rn-1,ccm,{START},{START + minutes * 60},call_patient,true\n")


def _of(data: Path, day: date) -> Outlook:
    found, report = forecast(data, MONTH, load_policy(), day)
    assert report.exit_status == 0
    return next(one for one in found if one.patient == "p1")


def test_business_days_are_monday_to_friday() -> None:
    assert business_days(date(2026, 10, 1), date(2026, 10, 31)) == 22
    assert business_days(date(2026, 10, 3), date(2026, 10, 4)) == 0
    assert business_days(date(2026, 10, 5), date(2026, 10, 4)) == 0


def test_twelve_minutes_by_the_middle_reach_twenty_at_this_pace(data: Path) -> None:
    _log(data, 12)
    one = _of(data, date(2026, 10, 16))
    assert (one.next_code, one.missing_s, one.reach) == ("99490", 8 * 60, WITHIN)
    assert (one.earned_cents, one.expected_cents) == (0, 6613)
    assert one.needed_s == -(-8 * 60 // business_days(date(2026, 10, 16), date(2026, 10, 31)))


def test_two_minutes_by_the_middle_need_more(data: Path) -> None:
    _log(data, 2)
    one = _of(data, date(2026, 10, 16))
    assert (one.reach, one.expected_cents) == (BEYOND, 0)


def test_a_base_that_is_earned_names_the_add_on_next_and_pays_both(data: Path) -> None:
    _log(data, 30)
    one = _of(data, date(2026, 10, 16))
    assert (one.next_code, one.earned_cents) == ("99439", 6613)
    assert one.expected_cents == 6613 + 5044


def test_what_else_is_missing_is_named(data: Path) -> None:
    _log(data, 12)
    (data / "care_plans.csv").unlink()
    one = _of(data, date(2026, 10, 16))
    assert one.reach == BLOCKED
    assert one.also is not None
    assert "care plan" in one.also
    assert one.expected_cents == 0


def test_on_a_last_weekend_no_business_day_is_left(data: Path) -> None:
    _log(data, 12)
    assert _of(data, date(2026, 10, 31)).reach == OUT


def test_minutes_after_the_day_of_asking_are_not_seen(data: Path) -> None:
    _log(data, 12)
    assert _of(data, date(2026, 10, 5)).counted_s == 0
