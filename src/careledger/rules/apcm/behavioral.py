"""The add-ons of 2026 for behavioral care beside advanced primary care; no minutes are counted."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, rule

TOPIC = "apcm.behavioral"


@rule()
def documented_without_minutes(month: PatientMonth, policy: PolicyView) -> Finding:
    """The add-on stands in place of the stand-alone code: the same work, documented, without its minutes."""
    for name in ("counts_minutes", "needs_documented_work", "needs_same_practitioner", "needs_same_month"):
        policy.flag(f"{TOPIC}.{name}")
    return met("no minutes are counted; the work of the stand-alone code is asked for all the same")
