"""Is a month of collaborative care the first of its episode or a later one? The record says, and claims check it."""

from __future__ import annotations

from typing import Literal

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, rule, unknown, unmet

Kind = Literal["first", "later", "doubtful", "unknown"]


def kind_of(month: PatientMonth, policy: PolicyView) -> Kind:
    """What the month is: a claim of the practice's within the gap makes it a later one, whatever the record says.

    ``billed_before`` holds claims within the gap of policy only. Another practice's claim does not settle whose
    episode it was. Reads behavioral.initiating_month and billed_before.
    """
    said = month.behavioral.initiating_month if month.behavioral else None
    codes = policy.words("cocm.episode.month_codes")
    relations = {service.relation for service in month.billed_before if service.code in codes}
    if relations - {"other"}:
        return "later"
    if said is None:
        return "unknown"
    if not said:
        return "later"
    return "doubtful" if relations else "first"


_ASK = "record whether the month is the first of the episode of collaborative care"
_UNSAID = "it is not recorded whether the month is the first of collaborative care"
_DOUBTFUL = "the month is recorded as the first, and another practice billed collaborative care shortly before"


@rule("behavioral.initiating_month", "billed_before")
def first_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """The month is the first of an episode: none was billed within the months that end an episode."""
    gap = policy.number("cocm.episode.gap_months")
    policy.flag("cocm.episode.first_month_once_per_episode")
    match kind_of(month, policy):
        case "first":
            return met(f"the month is the first of collaborative care, with none billed in the {gap} months before")
        case "unknown":
            return unknown(_UNSAID, _ASK)
        case "doubtful":
            return judgement(
                f"{_DOUBTFUL}, within {gap} months",
                "find out whether the other practice's episode has ended: a first month is paid once for an episode",
            )
        case _:
            return unmet(
                f"the month is a later one: recorded so, or collaborative care was billed in the {gap} months before",
                "the code of later months fits",
            )


@rule("behavioral.initiating_month", "billed_before")
def later_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """The month follows the first month of the same episode."""
    gap = policy.number("cocm.episode.gap_months")
    match kind_of(month, policy):
        case "later":
            return met(f"the month follows another of the episode, less than {gap} months before")
        case "unknown":
            return unknown(_UNSAID, _ASK)
        case "doubtful":
            return judgement(
                f"{_DOUBTFUL}, within {gap} months", "find out whether the other practice's episode has ended"
            )
        case _:
            return unmet("the month is the first of the episode", "the code of first months fits")
