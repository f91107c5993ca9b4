"""Days of the acts that some codes pay for, which their lines carry: oversight, extra planning, certification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from careledger.core.month import Month
from careledger.core.patient_month import Evidence
from careledger.core.records import TimeEntry

Records = Mapping[str, Sequence[Any]]


def own_dates(records: Records, month: Month, biller: str, evidence: Evidence) -> dict[str, date]:
    """Code to the last such day in the month, where there is one.

    An oversight line carries the documented days of oversight (``cpo.claim.line_dates``): of them the last.
    """
    oversight = set(evidence.get("cpo.own_s", ()))
    planned = (row.on for row in records.get("extra_planning", ()) if row.by == biller)
    episodes = [row for row in records.get("agency_episodes", ()) if row.kind == "home_health"]
    worked = [
        _last_day(row, _zone(records, biller)) for row in records.get("time_entries", ()) if row.entry_id in oversight
    ]
    days = {
        "G0506": planned,
        "G0180": (row.certified_on or row.since for row in episodes),
        "G0179": (row.recertified_on for row in episodes),
        "G0181": worked,
        "G0182": worked,
    }
    latest = {code: _latest(found, month) for code, found in days.items()}
    return {code: day for code, day in latest.items() if day is not None}


def _latest(days: Iterable[date | None], month: Month) -> date | None:
    return max((day for day in days if day is not None and month.first_on <= day <= month.last_on), default=None)


def _last_day(entry: TimeEntry, zone: ZoneInfo) -> date | None:
    """The day on which an entry ends; its end is not part of it."""
    return entry.on if entry.end_s is None else datetime.fromtimestamp(entry.end_s - 1, zone).date()


def _zone(records: Records, biller: str) -> ZoneInfo:
    group = next((row.practice_id for row in records.get("people", ()) if row.person_id == biller), None)
    zones = (row.time_zone for row in records.get("practices", ()) if row.practice_id == group)
    return ZoneInfo(next(zones, "America/New_York"))
