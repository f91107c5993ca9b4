"""Why the patient receives the service: a recorded need with a plan, or one serious condition."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES, met, program_rule, rule, unknown, unmet


@rule("chi.need_and_plan")
def social_need(month: PatientMonth, policy: PolicyView) -> Finding:
    """A social need that limits diagnosis or treatment was found at the opening visit, and how meeting it helps."""
    policy.flag("chi.eligibility.needs_unmet_social_need")
    if not policy.flag("chi.eligibility.needs_need_and_plan_documented"):
        return met("the need and its plan need not be documented")
    recorded = month.program("chi").need_and_plan
    if recorded:
        return met("the unmet social need and the plan to meet it are documented at the opening visit")
    if recorded is None:
        return unknown(
            "it is not recorded whether the opening visit documents an unmet social need and the plan to meet it",
            "find need and plan in the visit's note and record them with the visit",
        )
    return unmet(
        "the opening visit documents no unmet social need with a plan to meet it",
        "hold a visit at which the need is found and the plan written",
    )


@program_rule("home_health.medicare_covered")
def no_home_health_plan(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """A patient under a home health plan of care does not receive {name} too."""
    topic = "eligibility" if program == "chi" else "initiating_visit"
    if not policy.flag(f"{program}.{topic}.bars_home_health_plan"):
        return met("home health care is no obstacle")
    agency = month.home_health
    if agency is None or agency.medicare_covered is False:
        return met("no home health plan of care under Medicare is recorded")
    if agency.medicare_covered is None:
        return unknown(
            "the patient has home health care, and it is not recorded whether Medicare covers it",
            "ask the agency whether a Medicare home health plan of care is in force",
        )
    return unmet(f"the patient is under a home health plan of care, which bars {NAMES[program]}")


@rule("serious_condition")
def serious_condition(month: PatientMonth, policy: PolicyView) -> Finding:
    """One serious condition, expected to last long enough, that places the patient at significant risk."""
    months = policy.number("pin.eligibility.expected_months")
    policy.flag("pin.eligibility.needs_serious_condition")
    policy.flag("pin.eligibility.needs_significant_risk")
    asked = f"one serious condition expected to last {months} months that places the patient at significant risk"
    if month.serious_condition:
        return met(f"the patient has at least {asked}")
    if month.serious_condition is None:
        return unknown(
            f"it is not recorded whether the patient has {asked}",
            "record of the condition for how many months it is expected to last, and the risk",
        )
    return unmet(f"the patient does not have {asked}")


@rule("behavioral.diagnosis")
def behavioral_condition(month: PatientMonth, policy: PolicyView) -> Finding:
    """Peers navigate for patients whose condition is of behavioral health."""
    if not policy.flag("pin.eligibility.peer_needs_behavioral_condition"):
        return met("no behavioral condition is asked for")
    diagnosis = month.behavioral.diagnosis if month.behavioral else None
    if diagnosis:
        return met("the patient has a behavioral diagnosis")
    if diagnosis is None:
        return unknown("no behavioral diagnosis is recorded, nor that there is none", "record the behavioral diagnosis")
    return unmet("the patient has no behavioral condition, which navigation by peers asks for")
