"""Months and days, where clocks change and years leap."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careledger.core.month import Month, day_start_s


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-3", "26-03", "2026/03", "2026-03-01", "march", ""])
def test_it_refuses_what_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


def test_a_leap_year_has_its_day() -> None:
    assert Month.parse("2028-02").last_on == date(2028, 2, 29)
    assert Month.parse("2027-02").days == 28


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_next_and_previous_undo_each_other(day: date) -> None:
    month = Month.of(day)
    assert month.next().previous() == month
    assert Month.parse(str(month)) == month
    assert month.first_on <= day <= month.last_on


def test_through_counts_both_ends() -> None:
    months = list(Month(2025, 11).through(Month(2026, 2)))
    assert [str(month) for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 3, 8), "America/Phoenix", 24),
        (date(2026, 7, 1), "Pacific/Honolulu", 24),
    ],
)
def test_a_day_is_as_long_as_the_clinic_lives_it(day: date, zone: str, hours: int) -> None:
    tz = ZoneInfo(zone)
    assert day_start_s(date.fromordinal(day.toordinal() + 1), tz) - day_start_s(day, tz) == hours * 3600
