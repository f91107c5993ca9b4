"""Who may receive CCM."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, rule, unknown, unmet


@rule("chronic_conditions", "chronic_conditions_possible")
def chronic_conditions(month: PatientMonth, policy: PolicyView) -> Finding:
    """Two or more chronic conditions expected to last twelve months or until death."""
    need = policy.number("ccm.eligibility.chronic_conditions")
    months = policy.number("ccm.eligibility.expected_months")
    asked = f"{need} chronic conditions expected to last {months} months"
    if month.chronic_conditions >= need:
        return met(f"the patient has at least {asked}")
    if month.chronic_conditions_possible >= need:
        return unknown(
            f"fewer than {asked} are confirmed; of others it is not recorded whether they are, or how long they last",
            "record for each condition whether it is chronic and for how many months it is expected to last",
        )
    return unmet(f"the patient does not have {asked}")


@rule("significant_risk")
def significant_risk(month: PatientMonth, policy: PolicyView) -> Finding:
    """The conditions place the patient at significant risk of death, exacerbation or functional decline."""
    if not policy.flag("ccm.eligibility.needs_significant_risk"):
        return met("no finding of significant risk is asked for")
    if month.significant_risk is None:
        return unknown(
            "it is not recorded whether the conditions place the patient at significant risk",
            "have the practitioner record the risk of death, exacerbation, decompensation or functional decline",
        )
    if month.significant_risk:
        return met("the conditions place the patient at significant risk")
    return unmet("the conditions do not place the patient at significant risk")
