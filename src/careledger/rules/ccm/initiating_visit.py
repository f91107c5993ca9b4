"""The visit that opens CCM for a new patient, or for one not seen within the look-back."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, past_mending, rule, unknown, unmet


@rule("ccm.initiating", "month_closed", "died")
def held(month: PatientMonth, policy: PolicyView) -> Finding:
    """A qualifying visit in which CCM was discussed, unless the patient was seen within the look-back."""
    months = policy.number("ccm.initiating_visit.lookback_months")
    state = month.program("ccm").initiating
    if state == "not_needed":
        return met(f"the patient was seen within {months} months before CCM started: no initiating visit is needed")
    if state == "done":
        return met("an initiating visit was held and CCM discussed in it")
    if state == "unknown":
        return unknown(
            "neither the last visit nor an initiating visit is recorded",
            f"record the last visit, or an initiating visit, within {months} months before CCM started",
        )
    if state == "not_discussed" and policy.flag("ccm.initiating_visit.must_be_discussed"):
        return not_yet(
            "a visit qualifies, but no record shows that CCM was discussed in it",
            "find the discussion in the visit's note, or hold a visit that discusses CCM",
        )
    missing = f"an initiating visit is needed (new patient, or not seen within {months} months) and none qualifies"
    if past_mending(month):
        return unmet(missing)
    return not_yet(missing, f"hold an initiating visit by {month.month.last_on}; minutes before it do not count")
