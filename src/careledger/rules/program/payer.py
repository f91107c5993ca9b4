"""Who pays a program, from where it is billed, and who may bill it."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.coverage import listed
from careledger.rules.rule import NAMES, met, professional, program_rule, unmet


@program_rule("payer", "plan")
def pays(month: PatientMonth, policy: PolicyView, program: str, code: str) -> Finding:
    """The payer pays the code."""
    return listed(month, policy, code, f"{program}.payers")


@program_rule("biller_kind")
def may_bill(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """{name} is billed by the professions that policy names."""
    if month.biller_kind in policy.words(f"{program}.supervision.biller_kinds"):
        return met(f"{professional(month.biller_kind)} may bill {NAMES[program]}")
    return unmet(
        f"{professional(month.biller_kind)} cannot bill {NAMES[program]}",
        "it is billed by the supervising practitioner, if at all",
    )


@program_rule("setting")
def from_this_setting(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Rural clinics and health centers billed one general code until the individual codes were opened to them."""
    if month.setting not in policy.words(f"{program}.rural.settings"):
        return met(f"{NAMES[program]} may be billed from a practice of kind {month.setting}")
    if policy.flag(f"{program}.rural.individual_codes_payable"):
        return met("rural health clinics and health centers bill the individual codes")
    found = policy.find(f"{program}.rural.general_code")
    if found is None:
        return unmet(f"rural health clinics and health centers cannot bill {NAMES[program]} in this month by any code")
    general = found.value
    return unmet(f"rural health clinics and health centers bill {general} instead in this month", f"bill {general}")
