"""Who pays CCM, from where it is billed, and who may bill it."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.coverage import listed
from careledger.rules.rule import code_rule, met, rule, unmet


@code_rule("payer", "plan")
def pays(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The payer pays the code."""
    return listed(month, policy, code, "ccm.payers")


@rule("biller_kind")
def may_bill(month: PatientMonth, policy: PolicyView) -> Finding:
    """CCM is billed by a physician, nurse practitioner, physician assistant, clinical nurse specialist or midwife."""
    if month.biller_kind in policy.words("ccm.supervision.biller_kinds"):
        return met(f"a {month.biller_kind} may bill CCM")
    return unmet(f"a {month.biller_kind} cannot bill CCM", "it is billed by the supervising practitioner, if at all")


@rule("setting")
def from_this_setting(month: PatientMonth, policy: PolicyView) -> Finding:
    """Rural clinics and health centers billed one general code until the individual codes were opened to them."""
    if month.setting not in policy.words("ccm.rural.settings"):
        return met(f"CCM may be billed from a practice of kind {month.setting}")
    if policy.flag("ccm.rural.individual_codes_payable"):
        return met("rural health clinics and health centers bill the individual codes")
    general = policy.text("ccm.rural.general_code")
    return unmet(f"rural health clinics and health centers bill {general} instead in this month", f"bill {general}")
