"""Whole units from whole seconds. Nothing is rounded up, and nothing is carried from one month to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from careledger.core.decision import Finding, Reach
from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.rules.rule import met, not_yet, past_mending, unmet

CURABLE = ("activity_unknown", "not_documented")
"""Reasons for which lost minutes may yet count, once someone names the activity or finds the note."""

Whose = Literal["staff", "own"]
WHOSE: Mapping[Whose, str] = {"staff": "staff time", "own": "the practitioner's own time"}


CLOCKS = ("staff_s", "own_s", "team_s")
"""Clocks of a program, in the order of ``ProgramMonth.mendable``."""


def curable_s(program: ProgramMonth, clock: str | None = None) -> int:
    """Seconds that may yet count when their record is completed; of a grouped month, as the clock sees them."""
    if program.mendable is not None:
        return max(program.mendable) if clock is None else program.mendable[CLOCKS.index(clock)]
    return sum(program.lost.get(reason, 0) for reason in CURABLE)


def reached(month: PatientMonth, clock: str, target_minutes: int, whose: Whose) -> Finding:
    """Has a clock reached a number of minutes, and if not, can it still? Reads the clock, the curable seconds, the end.

    Args:
        clock: program and field, such as ``ccm.team_s``.
        target_minutes: the threshold; 19 minutes 59 seconds are not 20 minutes.
        whose: whose time the clock holds, for the sentence.
    """
    program = month.program(clock.partition(".")[0])
    have: int = getattr(program, clock.partition(".")[2])
    target_s = target_minutes * 60
    if have >= target_s:
        return met(f"{WHOSE[whose]} of the month reaches {target_minutes} minutes")
    if not past_mending(month):
        says = f"{WHOSE[whose]} of the month has not reached {target_minutes} minutes"
        return not_yet(says, reach=Reach(clock=clock, target_s=target_s))
    if have + curable_s(program, clock.partition(".")[2]) >= target_s:
        return not_yet(
            f"{WHOSE[whose]} of the month reaches {target_minutes} minutes only with minutes of an incomplete record",
            "name the activity of the uncounted minutes, or find their note",
        )
    ended = "the month is over" if month.month_closed else "the patient died"
    return unmet(
        f"{WHOSE[whose]} of the month did not reach {target_minutes} minutes and no longer can: {ended}",
        "nothing can be added or carried to another month",
    )


def blocks(month: PatientMonth, clock: str, first: int, each: int, limit: int | None, whose: Whose) -> Finding:
    """Full blocks of ``each`` minutes beyond the first unit, up to the limit; as units of the finding."""
    program = month.program(clock.partition(".")[0])
    have: int = getattr(program, clock.partition(".")[2])
    full = (have - first * 60) // (each * 60)
    earned = full if limit is None else min(full, limit)
    if earned < 1:
        return reached(month, clock, first + each, whose)
    if earned == limit:
        return met(
            f"{WHOSE[whose]} earns {earned} further full blocks of {each} minutes, the most that is paid", units=earned
        )
    plural = "" if earned == 1 else "s"
    return met(f"{WHOSE[whose]} earns {earned} further full block{plural} of {each} minutes", units=earned)
