"""Who may receive principal care management: a patient with one complex condition, who has a plan for that disease."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, past_mending, rule, unknown, unmet

TOPIC = "pcm.eligibility"


@rule("complex_condition")
def complex_condition(month: PatientMonth, policy: PolicyView) -> Finding:
    """One complex condition, expected to last long enough, that places the patient at significant risk."""
    need, months = policy.number(f"{TOPIC}.complex_conditions"), policy.number(f"{TOPIC}.expected_months")
    policy.flag(f"{TOPIC}.needs_significant_risk")
    policy.flag(f"{TOPIC}.needs_adjustments_or_comorbidity")
    asked = f"{need} complex condition expected to last {months} months that places the patient at significant risk"
    if month.complex_condition:
        return met(f"the patient has at least {asked}")
    if month.complex_condition is None:
        return unknown(
            f"it is not recorded whether the patient has {asked}",
            "record of the condition whether it is complex (frequent changes of medication, or other diseases that "
            "complicate its care), for how many months it is expected to last, and the risk",
        )
    return unmet(f"the patient does not have {asked}")


@rule("pcm.plan_exists", "ccm.plan_exists", "month_closed", "died")
def disease_specific_plan(month: PatientMonth, policy: PolicyView) -> Finding:
    """The plan is for the one disease; a comprehensive plan of chronic care management does not stand for it."""
    if not policy.flag("pcm.care_plan.disease_specific") or not policy.flag(f"{TOPIC}.needs_disease_specific_plan"):
        return met("no plan specific to the disease is asked for")
    policy.flag("pcm.care_plan.separate_from_ccm_plan")
    if month.program("pcm").plan_exists or not month.program("ccm").plan_exists:
        return met("no plan of another program stands in for the plan specific to the disease")
    says = "the only plan on record is the comprehensive one of CCM, and this one is specific to the disease"
    if past_mending(month):
        return unmet(says, "write a plan for the one disease for coming months")
    return not_yet(says, f"write a plan for the one disease by {month.month.last_on}")
