"""Units earned by minutes of the calendar month: the same arithmetic for every program, by each one's policy."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import Whose, blocks, reached
from careledger.rules.rule import Rule


def first_unit(topic: str, clock: str, whose: Whose, minutes: str = "first_unit_minutes") -> Rule:
    """The rule that a clock reaches the full minutes of a first unit.

    Args:
        topic: where policy holds the minutes, such as ``pcm.clinical_staff_time``.
        clock: program and field, such as ``pcm.team_s``.
        whose: whose time the clock holds, for the sentence.
        minutes: name of the value within the topic.
    """

    def test(month: PatientMonth, policy: PolicyView) -> Finding:
        policy.find(f"{topic}.whole_units_only")
        return reached(month, clock, policy.number(f"{topic}.{minutes}"), whose)

    says = "The first unit is earned by its full minutes in the calendar month."
    return Rule(f"{topic}.{minutes.removesuffix('_minutes')}", _reads(clock), says, test)


def add_on_units(
    topic: str, clock: str, whose: Whose, first: str = "first_unit_minutes", each: str = "add_on_minutes"
) -> Rule:
    """The rule that a clock earns further full blocks, up to the limit where policy names one.

    Args:
        first: name of the minutes that come before the first block.
        each: name of the minutes of a block.
    """

    def test(month: PatientMonth, policy: PolicyView) -> Finding:
        limit = policy.find(f"{topic}.add_on_limit")
        most = limit.value if limit is not None and isinstance(limit.value, int) else None
        return blocks(month, clock, policy.number(f"{topic}.{first}"), policy.number(f"{topic}.{each}"), most, whose)

    says = "One add-on unit per further full block of minutes, up to the limit."
    return Rule(f"{topic}.{each.removesuffix('_minutes')}_units", _reads(clock), says, test)


def _reads(clock: str) -> tuple[str, ...]:
    program = clock.partition(".")[0]
    return (clock, f"{program}.curable_s", "month_closed", "died")
