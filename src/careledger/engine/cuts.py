"""Clocks wound back to the points at which a decision can change.

Two months whose clocks lie between the same cut points, and whose other facts are equal, have the same decision but for
the clock values it shows. So a close decides each such month once. Every fact a rule reads must survive ``coarse``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import CURABLE, curable_s
from careledger.rules.rule import past_mending

PROGRAMS = ("ccm", "cpo")
CutPoints = Mapping[str, tuple[int, ...]]

_STEPS = {
    "ccm.team_s": ("ccm.clinical_staff_time", "ccm.complex"),
    "ccm.own_s": ("ccm.practitioner_time",),
}


def cut_points(view: PolicyView) -> CutPoints:
    """For each clock the seconds, ascending from zero, at which a decision can change on the view's day."""
    cuts = {clock: _ascending(view, topics) for clock, topics in _STEPS.items()}
    names = ("time.first_unit_minutes", "cpt.minutes_low", "cpt.minutes_high")
    oversight = {view.number(f"cpo.{name}") * 60 for name in names}
    oversight |= {one + other for one in oversight for other in oversight}  # no minute earns two codes
    return {**cuts, "ccm.staff_s": (0, 1), "cpo.own_s": (0, *sorted(oversight))}


def coarse(month: PatientMonth, view: PolicyView, cuts: CutPoints | None = None) -> PatientMonth:
    """The month without what no decision looks at: ids, seconds between cut points, programs of other families."""
    cuts = cuts if cuts is not None else cut_points(view)
    need = view.number("ccm.eligibility.chronic_conditions")
    mending = past_mending(month)
    return replace(
        month,
        patient="",
        biller="",
        locality=month.locality,
        chronic_conditions=min(month.chronic_conditions, need),
        chronic_conditions_possible=min(month.chronic_conditions_possible, need),
        days_in_facility=0,
        days_alive=month.days_alive if month.died == "in_month" else month.month.days,
        biller_specialty=None,
        visit_codes=(),
        programs={
            name: _wound_back(month.programs[name], cuts, mending) for name in PROGRAMS if name in month.programs
        },
    )


def wound_back(seconds: int, cuts: tuple[int, ...]) -> int:
    """The last cut point that is not beyond the clock."""
    return cuts[bisect_right(cuts, seconds) - 1]


def _wound_back(program: ProgramMonth, cuts: CutPoints, mending: bool) -> ProgramMonth:
    """Clocks at their cut points. Curable seconds matter only past mending, and only where they would reach a cut."""
    marks = {field: cuts.get(f"{program.program}.{field}", (0,)) for field in ("staff_s", "own_s", "team_s")}
    curable = curable_s(program)
    if mending and any(_reaches(getattr(program, field), curable, marks[field]) for field in marks):
        kept = {reason: program.lost[reason] for reason in CURABLE if reason in program.lost}
        return replace(program, logged_s=min(program.logged_s, 1), untimed_s=0, lost=kept)
    return replace(
        program,
        staff_s=wound_back(program.staff_s, marks["staff_s"]),
        own_s=wound_back(program.own_s, marks["own_s"]),
        team_s=wound_back(program.team_s, marks["team_s"]),
        logged_s=min(program.logged_s, 1),
        untimed_s=0,
        lost={},
    )


def _reaches(seconds: int, curable: int, marks: tuple[int, ...]) -> bool:
    return wound_back(seconds, marks) != wound_back(seconds + curable, marks)


def _ascending(view: PolicyView, topics: tuple[str, ...]) -> tuple[int, ...]:
    marks = {0}
    for topic in topics:
        if not view.has(f"{topic}.first_unit_minutes"):
            continue
        first = view.number(f"{topic}.first_unit_minutes") * 60
        marks.add(first)
        if view.has(f"{topic}.add_on_minutes"):
            each, limit = view.number(f"{topic}.add_on_minutes") * 60, view.number(f"{topic}.add_on_limit")
            marks.update(first + each * count for count in range(1, limit + 1))
    return tuple(sorted(marks))
