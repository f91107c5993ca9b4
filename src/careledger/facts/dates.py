"""The days behind a month's facts that a claim line carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from careledger.facts.params import Span

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Days = tuple[date, date]
"""First and last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDates:
    """Days of one patient's month for one biller.

    Attributes:
        died_on: day of death, in whichever month.
        worked: per program the first and last day with time that counts.
        extra_planning_on: day of the biller's extra planning in the month.
        certified_on, recertified_on: days in the month on which home health care was certified; the start of the episode
            stands in for an unknown day of certification.
        agency_npi: NPI of the agency, by its kind.
    """

    died_on: date | None = None
    worked: Mapping[str, Days] = field(default_factory=dict)
    extra_planning_on: date | None = None
    certified_on: date | None = None
    recertified_on: date | None = None
    agency_npi: Mapping[str, str] = field(default_factory=dict)


WORKED = """
SELECT p.bill, p.program, a.day_on, z.day_on
FROM program_months AS p
JOIN bills AS b ON b.bill = p.bill
JOIN calendar AS a ON a.zone_no = b.zone_no AND a.start_s <= p.first_s AND p.first_s < a.end_s
JOIN calendar AS z ON z.zone_no = b.zone_no AND z.start_s < p.last_s AND p.last_s <= z.end_s
"""
"""First and last day with time that counts; the last second lies before ``last_s``."""

PLANNED = """
SELECT b.bill, MIN(e."on")
FROM extra_planning AS e JOIN bills AS b ON b.patient_id = e.patient_id AND b.biller_id = e."by"
WHERE e."on" BETWEEN DATE '{first}' AND DATE '{last}' GROUP BY b.bill
"""

AGENCIES = """
SELECT
  bill, kind, agency_npi,
  CASE
    WHEN certified_on BETWEEN DATE '{first}' AND DATE '{last}' THEN certified_on
    WHEN since BETWEEN DATE '{first}' AND DATE '{last}' THEN since
  END,
  CASE WHEN recertified_on BETWEEN DATE '{first}' AND DATE '{last}' THEN recertified_on END
FROM episodes WHERE place = 1
"""


def service_dates(con: DuckDBPyConnection, span: Span) -> dict[int, ServiceDates]:
    """Dates for every bill, from the tables the program leaves when it keeps them all."""
    found: dict[int, dict[str, Any]] = {
        bill: {"died_on": died_on, "worked": {}, "agency_npi": {}}
        for bill, died_on in con.execute("SELECT bill, died_on FROM bills").fetchall()
    }
    borders = {"first": span.month.first_on, "last": span.month.last_on}
    for bill, program, first, last in con.execute(WORKED).fetchall():
        found[bill]["worked"][program] = (first, last)
    for bill, day in con.execute(PLANNED.format(**borders)).fetchall():
        found[bill]["extra_planning_on"] = day
    for bill, kind, npi, certified, recertified in con.execute(AGENCIES.format(**borders)).fetchall():
        if npi is not None:
            found[bill]["agency_npi"][kind] = npi
        if kind == "home_health":
            found[bill].update(certified_on=certified, recertified_on=recertified)
    return {bill: ServiceDates(**values) for bill, values in found.items()}
