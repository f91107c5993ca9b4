"""From an answer to the one line a list shows: state, minutes still needed, what blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from careledger.core.decision import Decision, MonthDecision
from careledger.core.patient_month import PatientMonth
from careledger.engine.judge import BLOCKING
from careledger.engine.wording import clock_of, next_step

_RANK = {"not_yet": 0, "human_decides": 1, "no": 2}


@dataclass(slots=True)
class Line:
    """What a list shows of one practitioner's month; see ``billing.models.Standing``."""

    state: str = "none"
    program: str = ""
    counted_s: int = 0
    needed_s: int | None = None
    next_code: str = ""
    bills: list[list[Any]] = field(default_factory=list)
    blockers: list[dict[str, Any]] = field(default_factory=list)


def line_of(month: PatientMonth, decided: MonthDecision) -> Line:
    """The line of a decided month."""
    line = Line(program=_leading(month))
    if line.program:
        line.counted_s = month.program(line.program).team_s
    line.bills = [[made.code, made.units] for made in decided.billed()]
    _next_unit(line, month, decided.decisions)
    line.state = _state(line, month, decided.decisions)
    if line.state not in ("ready", "none"):
        line.blockers = list(_blockers(decided.decisions, month))
    return line


def _leading(month: PatientMonth) -> str:
    """The program with most logged time; among those without any, the one with consent."""
    programs = sorted(month.programs.values(), key=lambda one: (-one.logged_s, one.consent != "in_force", one.program))
    return programs[0].program if programs else ""


def _next_unit(line: Line, month: PatientMonth, decisions: Iterable[Decision]) -> None:
    """The code that needs the fewest further seconds, and how many."""
    for made in decisions:
        if made.verdict == "not_yet" and made.reach is not None:
            needed = made.reach.target_s - clock_of(month, made.reach.clock)
            if needed > 0 and (line.needed_s is None or needed < line.needed_s):
                line.needed_s, line.next_code = needed, made.code


def _state(line: Line, month: PatientMonth, decisions: tuple[Decision, ...]) -> str:
    if line.bills:
        return "ready"
    if not any(one.logged_s or one.consent == "in_force" for one in month.programs.values()):
        return "none"
    if any(made.verdict == "human_decides" for made in decisions):
        return "person"
    waits = [made for made in decisions if made.verdict == "not_yet"]
    if any(_only_minutes(made) for made in waits):
        return "minutes"
    return "blocked"


def _only_minutes(made: Decision) -> bool:
    against = [finding for finding in made.because if finding.outcome in BLOCKING]
    return made.reach is not None and all(finding.reach is not None for finding in against)


def _blockers(decisions: tuple[Decision, ...], month: PatientMonth) -> Iterable[dict[str, Any]]:
    """What stands against the code that is nearest to being billed, once each."""
    nearest = min((one for one in decisions if one.verdict != "bill"), key=lambda one: _RANK[one.verdict], default=None)
    if nearest is None:
        return []
    against = [finding for finding in nearest.because if finding.outcome in BLOCKING]
    return [
        {
            "code": nearest.code,
            "rule": finding.rule,
            "outcome": finding.outcome,
            "says": finding.says,
            "next_step": finding.next_step or (next_step(nearest, month) if finding.reach else None) or "",
            "is_minutes": finding.reach is not None,
        }
        for finding in against
    ]
