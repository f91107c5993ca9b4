"""The service month: the period most care-management codes are billed for."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_PATTERN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month.

    Source: CCM time is summed over the calendar month (42 CFR 410.26 services as paid under the PFS, MLN909188).
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1900 <= self.year <= 2200):
            raise ValueError(f"not a month: {self.year}-{self.number}; use YYYY-MM")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``YYYY-MM``; ValueError when it is anything else."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError("not a month; write it as YYYY-MM")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day falls in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first_on(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_on(self) -> date:
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def days(self) -> int:
        return self.last_on.day

    def next(self) -> Month:
        return Month.of(self.last_on + timedelta(days=1))

    def previous(self) -> Month:
        return Month.of(self.first_on - timedelta(days=1))

    def through(self, last: Month) -> Iterator[Month]:
        """This month and every later one up to and including ``last``."""
        month = self
        while month <= last:
            yield month
            month = month.next()


def day_start_s(day: date, zone: ZoneInfo) -> int:
    """The second (UTC, since 1970) at which a calendar day starts in a clinic's time zone.

    The end of a day is the start of the next one, so a daylight-saving night is 23 or 25 hours long.
    """
    return int(datetime.combine(day, time(), zone).timestamp())
