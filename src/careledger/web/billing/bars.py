"""Month bars: a program's minutes against its thresholds, as numbers a template draws as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.engine.answer import Answer
from careledger.engine.wording import LOST
from careledger.policy import PolicyView
from careledger.web.billing.queries import policy

WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold: at how many seconds, for which code, where on the bar, and whether it is reached."""

    at_s: int
    code: str
    x: int
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A program's month."""

    program: str
    counted_s: int
    logged_s: int
    x: int
    marks: list[Mark]
    lost: list[tuple[str, int]] = field(default_factory=list)

    @property
    def to_go_s(self) -> int | None:
        """Seconds to the next threshold; None past the last."""
        ahead = [mark.at_s - self.counted_s for mark in self.marks if not mark.is_reached]
        return ahead[0] if ahead else None

    @property
    def next_code(self) -> str:
        return next((mark.code for mark in self.marks if not mark.is_reached), "")


def month_bars(answer: Answer) -> list[Bar]:
    """One bar for each program that has time, or consent, in the first practitioner's month."""
    if not answer.months:
        return []
    month = answer.months[0]
    view = policy().on(month.month.last_on, answer.payer)
    wanted = [one for one in month.programs.values() if one.logged_s or one.consent == "in_force"]
    bars = [_bar(one, month, view) for one in sorted(wanted, key=lambda one: one.program)]
    return [bar for bar in bars if bar.marks or bar.logged_s]


def _bar(program: ProgramMonth, month: PatientMonth, view: PolicyView) -> Bar:
    ends = list(_thresholds(program.program, view))
    whole = max([at for at, _ in ends] + [program.team_s, 1])
    marks = [Mark(at, code, WIDTH * at // whole, program.team_s >= at) for at, code in ends]
    lost = [(LOST.get(reason, reason), seconds) for reason, seconds in program.lost.items() if seconds]
    return Bar(program.program, program.team_s, program.logged_s, WIDTH * program.team_s // whole, marks, lost)


def _thresholds(program: str, view: PolicyView) -> Iterator[tuple[int, str]]:
    """(seconds, code) of each unit of staff time, from policy; nothing for programs not paid by such units."""
    start = f"{program}.clinical_staff_time."
    read = {
        name: view.peek(start + name)
        for name in ("first_unit_minutes", "base_code", "add_on_minutes", "add_on_code", "add_on_limit")
    }
    values = {name: one.value for name, one in read.items() if one is not None and not one.absent}
    first, base = values.get("first_unit_minutes"), values.get("base_code")
    if not isinstance(first, int):
        return
    yield first * 60, str(base)
    add_on, limit = values.get("add_on_minutes"), values.get("add_on_limit")
    if isinstance(add_on, int):
        for unit in range(1, (limit if isinstance(limit, int) else 1) + 1):
            yield (first + unit * add_on) * 60, str(values.get("add_on_code"))
