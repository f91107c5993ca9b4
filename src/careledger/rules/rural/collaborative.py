"""Collaborative care in rural clinics and health centers: one code, with minutes of its own for first and later months."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.behavioral.episode import kind_of
from careledger.rules.clock import reached
from careledger.rules.rule import judgement, met, rule, unknown, unmet

TOPIC = "rural.collaborative"
_CLOCK = "cocm.staff_s"


@rule(_CLOCK, "cocm.curable_s", "month_closed", "died", "behavioral.initiating_month", "billed_before")
def minutes(month: PatientMonth, policy: PolicyView) -> Finding:
    """A first month takes its full minutes of the care manager, a later month its fewer ones."""
    first, later = policy.number(f"{TOPIC}.first_month_minutes"), policy.number(f"{TOPIC}.later_month_minutes")
    policy.find("cocm.rural.first_month_minutes")
    policy.find("cocm.rural.later_month_minutes")
    kind, have = kind_of(month, policy), month.program("cocm").staff_s
    if kind in ("first", "later") or have >= max(first, later) * 60 or have < min(first, later) * 60:
        least = {"first": first, "later": later}.get(kind, max(first, later))
        return reached(month, _CLOCK, least, "staff")
    says = f"the month reaches the {later} minutes of a later month and not the {first} of a first"
    if kind == "doubtful":
        return judgement(f"{says}, and which it is is in doubt", "find out whether the other practice's episode ended")
    return unknown(f"{says}, and which it is is not recorded", "record whether the month is the first of the episode")


@rule("billed")
def not_beside_general(month: PatientMonth, policy: PolicyView) -> Finding:
    """One of the two general codes is paid for a patient's month."""
    general = policy.find("rural.general.code")
    if general is None or policy.flag(f"{TOPIC}.beside_general_code"):
        return met("no general code stands beside it in this month")
    code = policy.text(f"{TOPIC}.code")
    if general.value in month.billed_by("self", "group", "group_same_specialty"):
        return unmet(
            f"{general.value} was billed for the month, and {code} is not paid beside it",
            f"withdraw {general.value} if {code} is the service that describes the month",
        )
    return met(f"{general.value} was not billed for the month")
