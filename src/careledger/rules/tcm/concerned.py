"""Of several discharges whose care belongs to the month, the one that a line would be for.

One service is paid for a patient within thirty days, so a month has one line, and every requirement is asked of one and
the same discharge: the one that least stands against, by what is recorded of the discharges themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from careledger.core.decision import Finding
from careledger.core.patient_month import DischargeMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import Rule, met, unmet

Look = Callable[[DischargeMonth, PatientMonth, PolicyView, str], Finding]
_ORDER = ("unmet", "not_yet", "unknown", "judgement", "note", "met")


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement of one discharge, at one of the two levels: moderate or high. ``reads`` is what it reads besides."""

    id: str
    reads: tuple[str, ...]
    says: str
    look: Look


def check(*reads: str) -> Callable[[Look], Check]:
    """Make a requirement of a function of (discharge, month, policy, level); its path is its id."""

    def made(look: Look) -> Check:
        path = f"{look.__module__}.{look.__name__}".removeprefix("careledger.rules.")
        return Check(path, reads, (look.__doc__ or "").strip().partition("\n")[0], look)

    return made


def rules_of(checks: Sequence[Check], level: str) -> tuple[Rule, ...]:
    """The rules of a code: each requirement, asked of the discharge that the line would be for."""
    return tuple(_rule(one, checks, level) for one in checks)


def _rule(one: Check, checks: Sequence[Check], level: str) -> Rule:
    def test(month: PatientMonth, policy: PolicyView) -> Finding:
        if month.discharges:
            return one.look(_concerned(month, policy, checks, level), month, policy, level)
        if one is checks[0]:
            return unmet("no discharge is recorded whose transitional care belongs to the month")
        return met("there is no discharge to ask this of")

    return Rule(one.id, ("discharges", *one.reads), one.says, test)


def _concerned(month: PatientMonth, policy: PolicyView, checks: Sequence[Check], level: str) -> DischargeMonth:
    """The discharge that the line would be for; all else of the month is left out, being the same for each."""
    if len(month.discharges) == 1:
        return month.discharges[0]
    bare = PatientMonth(month=month.month, patient="", biller="")

    def against(one: DischargeMonth) -> tuple[int, ...]:
        outcomes: list[str] = [asked.look(one, bare, policy, level).outcome for asked in checks]
        return tuple(outcomes.count(outcome) for outcome in _ORDER[:-1])

    return min(month.discharges, key=against)
