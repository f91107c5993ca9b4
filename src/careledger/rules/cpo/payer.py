"""Who pays oversight and certification, and by which codes."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.coverage import listed
from careledger.rules.rule import code_rule, unmet

_STATUS = {"B": "bundled into other services", "I": "not valid for Medicare, which wants another code"}


@code_rule("payer", "plan")
def pays(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The payer pays the code."""
    return listed(month, policy, code, "cpo.payers")


@code_rule("payer", "payer_kind", "plan")
def recognises(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Medicare never pays the CPT oversight codes; another payer pays those it lists."""
    if month.payer_kind == "medicare_ffs":
        status = _STATUS.get(policy.code(code).status or "", "not paid")
        return unmet(f"Medicare never pays {code}: it is {status}", _instead(policy, code))
    return listed(month, policy, code, "cpo.cpt", covered="payer_recognises")


def _instead(policy: PolicyView, code: str) -> str:
    named = policy.find(f"cpo.cpt.medicare_instead_{code}")
    if named is not None:
        return f"Medicare's code for this work is {named.value}, with its own conditions"
    if code in policy.words("cpo.cpt.nursing_facility_codes"):
        return "Medicare does not cover oversight of nursing facility residents at all"
    kind = "home_health" if code in policy.words("cpo.cpt.home_health_codes") else "hospice"
    return f"Medicare's code {policy.text(f'cpo.conditions.{kind}_code')} needs 30 minutes; less earns nothing"
