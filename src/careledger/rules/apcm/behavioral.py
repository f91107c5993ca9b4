"""The add-ons of 2026 for behavioral care beside advanced primary care; no minutes are counted."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.behavioral.care import elements_of
from careledger.rules.rule import code_rule

TOPIC = "apcm.behavioral"


@code_rule("behavioral.elements_documented", "month_closed", "died")
def documented_without_minutes(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The add-on stands in place of the stand-alone code: the same work, documented, without its minutes."""
    for name in ("counts_minutes", "needs_documented_work", "needs_same_practitioner", "needs_same_month"):
        policy.flag(f"{TOPIC}.{name}")
    return elements_of(month, policy, "bhi" if code == policy.text(f"{TOPIC}.general_code") else "cocm")
