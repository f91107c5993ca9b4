"""Clocks wound back to the points at which a decision can change.

Two months whose clocks lie between the same cut points, and whose other facts are equal, have the same decision but for
the clock values it shows. So a close decides each such month once. Every fact a rule reads must survive ``coarse``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace

from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.core.records import PROGRAMS as ALL_PROGRAMS
from careledger.policy.view import PolicyView
from careledger.rules.clock import CLOCKS, curable_s
from careledger.rules.registry import FAMILIES, REQUIREMENTS
from careledger.rules.rule import past_mending

READ = frozenset(name for rules in REQUIREMENTS.values() for rule in rules for name in rule.reads)
"""Every fact that some rule reads."""

PROGRAMS = tuple(name for name in ALL_PROGRAMS if name in FAMILIES or any(fact.startswith(f"{name}.") for fact in READ))
"""Programs of which some rule reads a fact, or which touch a code, in the house's order."""

CLOSED_ENDED = ("ccm", "cpo")
"""Programs beyond whose last cut point nothing changes. Other clocks beyond theirs stay exact."""

CutPoints = Mapping[str, tuple[int, ...]]

_STEPS = {
    "ccm.team_s": ("ccm.clinical_staff_time", "ccm.complex"),
    "ccm.own_s": ("ccm.practitioner_time",),
}
_MOST_BLOCKS = 12
"""Blocks of an add-on without a limit that are cut; longer clocks are rare and stay exact."""


def cut_points(view: PolicyView) -> CutPoints:
    """For each clock the seconds, ascending from zero, at which a decision can change on the view's day."""
    cuts = {clock: _ascending(view, topics) for clock, topics in _STEPS.items()}
    names = ("time.first_unit_minutes", "cpt.minutes_low", "cpt.minutes_high")
    oversight = {view.number(f"cpo.{name}") * 60 for name in names}
    oversight |= {one + other for one in oversight for other in oversight}  # no minute earns two codes
    cuts |= {"ccm.staff_s": (0, 1), "cpo.own_s": (0, *sorted(oversight))}
    for program in PROGRAMS:
        if program not in CLOSED_ENDED:
            marks = _all_marks(view, program)
            cuts |= {f"{program}.{clock}": marks for clock in CLOCKS}
    return cuts


def conditions_needed(view: PolicyView) -> int:
    """The most chronic conditions that any rule asks for; more make no difference."""
    names = (
        "ccm.eligibility.chronic_conditions",
        "apcm.levels.level_2_chronic_conditions",
        "apcm.levels.level_3_chronic_conditions",
    )
    found = (view.peek(name) for name in names)
    return max(value.value for value in found if value is not None and isinstance(value.value, int))


def coarse(month: PatientMonth, view: PolicyView, cuts: CutPoints | None = None) -> PatientMonth:
    """The month without what no decision looks at: ids, seconds between cut points, programs of other families."""
    cuts = cuts if cuts is not None else cut_points(view)
    need = conditions_needed(view)
    mending = past_mending(month)
    return replace(
        month,
        patient="",
        biller="",
        chronic_conditions=min(month.chronic_conditions, need),
        chronic_conditions_possible=min(month.chronic_conditions_possible, need),
        days_in_facility=0,
        days_alive=month.days_alive if month.died == "in_month" else month.month.days,
        biller_specialty=month.biller_specialty if "biller_specialty" in READ else None,
        visit_codes=month.visit_codes if "visit_codes" in READ else (),
        programs={
            name: _wound_back(month.programs[name], cuts, mending) for name in PROGRAMS if name in month.programs
        },
    )


def wound_back(seconds: int, cuts: tuple[int, ...], open_ended: bool = False) -> int:
    """The last cut point that is not beyond the clock; a clock beyond all of them itself, when it is open-ended."""
    return seconds if open_ended and seconds > cuts[-1] else cuts[bisect_right(cuts, seconds) - 1]


def _wound_back(program: ProgramMonth, cuts: CutPoints, mending: bool) -> ProgramMonth:
    """Clocks at their cut points. Once nothing more can be done, curable seconds matter by the cut they would reach."""
    curable = {clock: curable_s(program, clock) if mending else 0 for clock in CLOCKS}
    is_open = program.program not in CLOSED_ENDED
    have = {clock: int(getattr(program, clock)) for clock in CLOCKS}
    marks = {clock: cuts.get(f"{program.program}.{clock}", (0,)) for clock in CLOCKS}
    low = {clock: wound_back(have[clock], marks[clock], is_open) for clock in CLOCKS}
    high = [wound_back(have[clock] + curable[clock], marks[clock], is_open) for clock in CLOCKS]
    staff, own, team = (high[place] - low[clock] for place, clock in enumerate(CLOCKS))
    return replace(
        program,
        staff_s=low["staff_s"],
        own_s=low["own_s"],
        team_s=low["team_s"],
        logged_s=min(program.logged_s, 1),
        untimed_s=0,
        lost={},
        mendable=(staff, own, team) if staff or own or team else None,
    )


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


def _all_marks(view: PolicyView, program: str) -> tuple[int, ...]:
    """Every number of minutes that a program's policy names, and every full block of its add-ons beyond each."""
    named = {value.id: value.value for value in view.all_of(f"{program}.") if isinstance(value.value, int)}
    minutes = {id_: int(number) * 60 for id_, number in named.items() if id_.endswith(("_minutes", "_minutes_max"))}
    firsts = {number for id_, number in minutes.items() if "add_on" not in id_}
    blocks = {number for id_, number in minutes.items() if "add_on" in id_}
    marks = {0, 1, *firsts, *(number + 60 for number in firsts)}
    marks |= {first + each * count for first in firsts for each in blocks for count in range(1, _MOST_BLOCKS + 1)}
    return tuple(sorted(marks))


def reads_of(codes: Iterable[str]) -> frozenset[str]:
    """Facts that the rules of these codes read."""
    return frozenset(name for code in codes for rule in REQUIREMENTS[code] for name in rule.reads)
