"""General integration billed by a psychologist, social worker, therapist or counselor in their own name."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, professional, rule, unknown, unmet

TOPIC = "bhi.psychologist_time"


@rule("biller_kind")
def may_bill(month: PatientMonth, policy: PolicyView) -> Finding:
    """The code belongs to the professions that policy names; physicians and nurse practitioners have their own."""
    if month.biller_kind in policy.words(f"{TOPIC}.biller_kinds"):
        policy.flag(f"{TOPIC}.needs_focal_point")
        return met(
            f"{professional(month.biller_kind)} may bill it, where their own services are the focal point of the integration"
        )
    base = policy.text("bhi.clinical_staff_time.base_code")
    return unmet(
        f"{professional(month.biller_kind)} cannot bill it in this month", f"{base} is the practitioner's code"
    )


@rule("bhi.initiating")
def opened(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient was seen within the look-back, or a psychiatric evaluation opens it."""
    codes = ", ".join(policy.words(f"{TOPIC}.initiating_codes"))
    months = policy.number("bhi.initiating_visit.lookback_months")
    if month.program("bhi").initiating in ("not_needed", "done"):
        return met(f"the patient was seen within {months} months before the program started")
    return unknown(
        f"neither a visit within {months} months nor an evaluation ({codes}) that opens it is recorded",
        f"hold the evaluation ({codes}) and record its day as the day the patient was last seen",
    )
