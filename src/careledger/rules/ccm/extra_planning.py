"""G0506: the practitioner's own extra assessment and planning at the CCM initiating visit."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, rule, unknown, unmet

TOPIC = "ccm.extra_planning"


@rule("extra_planning")
def at_initiating_visit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The extra work was done on the day of the initiating visit, beyond its usual effort, by the practitioner."""
    policy.flag(f"{TOPIC}.same_day_as_visit")
    policy.flag(f"{TOPIC}.needs_beyond_usual_effort")
    state = month.extra_planning
    if state == "on_initiating_visit":
        return met("the practitioner did extra planning on the day of the initiating visit, beyond its usual effort")
    if state == "other_day":
        return unmet("the extra planning was not on the day of an initiating visit, the only day it is paid")
    if state == "not_beyond_usual":
        return unmet("the planning was within the usual effort of the visit, which the visit pays")
    if state == "unknown":
        says = "it is not recorded whether the extra planning went beyond the usual effort of the visit"
        return unknown(says, "record what the practitioner did beyond the visit's usual effort, and on which day")
    return unmet("no extra planning at an initiating visit is recorded in the month")


@rule("extra_planning_billed_before")
def once(month: PatientMonth, policy: PolicyView) -> Finding:
    """Once for a patient and billing practitioner."""
    policy.number(f"{TOPIC}.times_per_practitioner")
    if month.extra_planning_billed_before:
        return unmet("G0506 was billed before for this patient by the practitioner, and it is paid once")
    return met("G0506 was not billed before")


@rule("ccm.consent")
def patient_enters_ccm(month: PatientMonth, policy: PolicyView) -> Finding:
    """The visit opened CCM; where no consent followed, someone must decide whether it did."""
    policy.flag(f"{TOPIC}.needs_initiating_visit")
    if month.program("ccm").consent == "none":
        return judgement(
            "no consent to CCM is recorded, so it is open whether the visit initiated CCM",
            "record the consent, or decide that the visit did not open CCM",
        )
    return met("the patient agreed to CCM")
