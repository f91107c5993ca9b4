"""The month in progress: minutes so far, the next threshold, whether it is within reach, and what the month may pay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from careledger.batch.deciders import Deciders
from careledger.core.decision import Decision, MonthDecision
from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.engine.touched import is_used
from careledger.facts.dialect import DuckDb
from careledger.facts.program import run
from careledger.facts.rows import read_months
from careledger.facts.tables import FolderReport, open_folder
from careledger.facts.working import working_database
from careledger.policy.store import Policy

WITHIN = "at this pace"
BEYOND = "needs more"
BLOCKED = "minutes alone do not do"
OUT = "out of reach"
CHOSEN = "engine.choice.one_of_two"
_ORDER = {WITHIN: 0, BEYOND: 1, BLOCKED: 2, OUT: 3, None: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One patient's month of one practitioner and program, as it stands today.

    Attributes:
        counted_s: seconds that count so far, on the clock of the next threshold.
        earned_cents: allowed for what may be billed already; None when some of it has no known worth.
        next_code, missing_s: the code whose minutes come next and the seconds still missing; None when there is none.
        needed_s: seconds a remaining business day that would reach it.
        reach: ``at this pace`` when the month so far, continued, reaches it; ``needs more`` when it would not;
            ``minutes alone do not do`` when something else stands against the code as well; ``out of reach`` without a day left.
        expected_cents: allowed for the best lawful set once that threshold is reached, where it is at this pace; else what
            is earned.
        also: what stands against the next code beside minutes.
    """

    patient: str
    practitioner: str
    program: str
    counted_s: int
    earned_cents: int | None
    next_code: str | None
    missing_s: int | None
    needed_s: int | None
    reach: str | None
    expected_cents: int | None
    also: str | None


def business_days(first: date, last: date) -> int:
    """Days from Monday to Friday in a stretch, both ends counted; none when it is empty. Holidays are days like others."""
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range((last - first).days + 1))


def forecast(data: Path, month: Month, policy: Policy, as_of: date) -> tuple[list[Outlook], FolderReport]:
    """The outlook of every patient with anything recorded in a month, nearest first.

    Args:
        data: folder of tables.
        as_of: the day of asking; it is the first of the days left.

    Raises:
        InputError: the folder cannot be used.
    """
    with working_database() as con:
        report = open_folder(con, data)
        base = DuckDb(con)
        run(base, month, policy, through=min(as_of, month.last_on))
        months = read_months(base, month, as_of)
    passed = business_days(month.first_on, min(as_of - timedelta(days=1), month.last_on))
    left = business_days(max(as_of, month.first_on), month.last_on)
    work = _Forecast(Deciders(policy, month), passed, left)
    found = [outlook for _, facts in months for outlook in work.outlooks(facts)]
    return sorted(found, key=lambda one: (_ORDER[one.reach], one.missing_s or 0, one.patient, one.practitioner)), report


class _Forecast:
    """Decides months as they stand, and as they would stand at their next thresholds."""

    def __init__(self, deciders: Deciders, passed: int, left: int) -> None:
        self.deciders, self.passed, self.left = deciders, passed, left

    def outlooks(self, facts: PatientMonth) -> list[Outlook]:
        decided = self.deciders.decide(facts)
        used = [program for program in facts.programs.values() if is_used(program)]
        return [self._outlook(facts, program, decided) for program in used]

    def _outlook(self, facts: PatientMonth, program: ProgramMonth, now: MonthDecision) -> Outlook:
        earned = self._worth(facts, now)
        nearest = _next(facts, program, now)
        if nearest is None:
            return Outlook(
                patient=facts.patient, practitioner=facts.biller, program=program.program, counted_s=program.team_s,
                earned_cents=earned, next_code=None, missing_s=None, needed_s=None, reach=None, expected_cents=earned, also=None,
            )  # fmt: skip
        clock, missing = _clock(nearest), _missing(facts, nearest)
        then = self.deciders.decide(_reached(facts, program, clock, missing))
        also = _against(then, nearest.code)
        counted = int(getattr(program, clock))
        reach = self._reach(counted, missing, also)
        return Outlook(
            patient=facts.patient,
            practitioner=facts.biller,
            program=program.program,
            counted_s=counted,
            earned_cents=earned,
            next_code=nearest.code,
            missing_s=missing,
            needed_s=-(-missing // self.left) if self.left else None,
            reach=reach,
            expected_cents=self._worth(facts, then) if reach == WITHIN else earned,
            also=also,
        )

    def _reach(self, counted: int, missing: int, also: str | None) -> str:
        if self.left == 0:
            return OUT
        if also:
            return BLOCKED
        return WITHIN if self.passed and counted * self.left >= missing * self.passed else BEYOND

    def _worth(self, facts: PatientMonth, decided: MonthDecision) -> int | None:
        pricer = self.deciders.pricer(self.deciders.payer_of(facts))
        cents = [pricer.price(facts, line.code, line.units).allowed_cents for line in decided.billed()]
        return None if None in cents else sum(amount for amount in cents if amount is not None)


def _next(facts: PatientMonth, program: ProgramMonth, decided: MonthDecision) -> Decision | None:
    """The code of the program whose minutes come next."""
    waiting = [one for one in decided.decisions if one.reach and one.reach.clock.startswith(f"{program.program}.")]
    return min(waiting, key=lambda one: _missing(facts, one), default=None)


def _clock(waiting: Decision) -> str:
    assert waiting.reach is not None
    return waiting.reach.clock.partition(".")[2]


def _missing(facts: PatientMonth, waiting: Decision) -> int:
    assert waiting.reach is not None
    program = waiting.reach.clock.partition(".")[0]
    return int(waiting.reach.target_s - getattr(facts.program(program), _clock(waiting)))


def _reached(facts: PatientMonth, program: ProgramMonth, clock: str, seconds: int) -> PatientMonth:
    """The month once so many further seconds count on a clock; the team's clock holds everybody's."""
    clocks = {clock, "team_s"} if clock != "team_s" else {"team_s", "staff_s"}
    raised = replace(program, **{name: getattr(program, name) + seconds for name in clocks})
    return replace(facts, programs={**facts.programs, program.program: raised})


def _against(decided: MonthDecision, code: str) -> str | None:
    """What stands against a code once its minutes are there, beside a better set that takes its place."""
    found = next((one for one in decided.decisions if one.code == code), None)
    if found is None or found.verdict == "bill":
        return None
    against = [step for step in found.because if step.outcome not in ("met", "note") and step.rule != CHOSEN]
    return "; ".join(dict.fromkeys(step.next_step or step.says for step in against)) or None
