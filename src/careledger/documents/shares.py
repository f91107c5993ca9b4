"""How many seconds of each entry count, and why the rest does not.

Counting is defined in one place, the facts program. An entry's share is what the program's clocks gain when the entry is
added to those that started before it; so the shares of a month always add up to the clocks that were decided on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from careledger.core.month import Month, day_start_s
from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.core.records import TimeEntry
from careledger.documents.data import Share, order_of
from careledger.facts import case_facts
from careledger.policy import Policy

Records = Mapping[str, Sequence[Any]]


def shares_of(facts: PatientMonth, records: Records, policy: Policy, zone: ZoneInfo) -> tuple[Share, ...]:
    """The shares of every entry of the patient in the month.

    Args:
        facts: the month as decided.
        records: those the facts were made from, other patients' entries of the same people included.
        policy: all of policy.
        zone: the practice's, for the borders of the month.
    """
    others = [row for row in records.get("time_entries", ()) if row.patient_id != facts.patient]
    own = [row for row in records.get("time_entries", ()) if row.patient_id == facts.patient]
    own = sorted((row for row in own if touches(row, facts.month, zone)), key=lambda row: order_of(row, zone))
    if not any(program.lost for program in facts.programs.values()):
        return tuple(_whole(row, facts.month, zone) for row in own)
    shares: list[Share] = []
    before = _clocks(facts, records, others, policy)
    for place in range(1, len(own) + 1):
        after = _clocks(facts, records, [*others, *own[:place]], policy) if place < len(own) else facts.programs
        shares += _gained(own[place - 1], before, after)
        before = after
    return tuple(shares)


def touches(entry: TimeEntry, month: Month, zone: ZoneInfo) -> bool:
    """Does the entry lie, at least in part, in the month?"""
    if entry.start_s is None or entry.end_s is None:
        return entry.on is not None and Month.of(entry.on) == month
    first_s, end_s = _borders(month, zone)
    return entry.start_s < end_s and entry.end_s > first_s


def seconds_in(entry: TimeEntry, month: Month, zone: ZoneInfo) -> int:
    """The seconds of an entry that lie in the month."""
    if entry.start_s is None or entry.end_s is None:
        return entry.seconds or 0
    first_s, end_s = _borders(month, zone)
    return max(0, min(entry.end_s, end_s) - max(entry.start_s, first_s))


def _borders(month: Month, zone: ZoneInfo) -> tuple[int, int]:
    return day_start_s(month.first_on, zone), day_start_s(month.next().first_on, zone)


def _whole(entry: TimeEntry, month: Month, zone: ZoneInfo) -> Share:
    seconds = seconds_in(entry, month, zone)
    return Share(entry_id=entry.entry_id, program=entry.programs[0], counted_s=seconds, lost={})


def _clocks(
    facts: PatientMonth, records: Records, entries: Sequence[TimeEntry], policy: Policy
) -> Mapping[str, ProgramMonth]:
    """The program months as they would stand with those entries only."""
    panel = [row for row in records["panel"] if row.biller_id == facts.biller]
    found = case_facts({**records, "panel": panel, "time_entries": entries}, facts.month, policy, as_of=date.max)
    return found[0].month.programs


def _gained(entry: TimeEntry, before: Mapping[str, ProgramMonth], after: Mapping[str, ProgramMonth]) -> list[Share]:
    """What each program the entry was logged to gained by it."""
    found = []
    for program in entry.programs:
        old = before.get(program) or ProgramMonth(program=program)
        new = after.get(program) or ProgramMonth(program=program)
        lost = {reason: seconds - old.lost.get(reason, 0) for reason, seconds in new.lost.items()}
        lost = {reason: seconds for reason, seconds in lost.items() if seconds > 0}
        found.append(Share(entry_id=entry.entry_id, program=program, counted_s=new.team_s - old.team_s, lost=lost))
    return found
