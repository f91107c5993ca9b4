"""The visit that opens the program for a new patient, or for one not seen within the look-back."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES, met, not_yet, past_mending, program_rule, unknown, unmet


@program_rule("{program}.initiating", "month_closed", "died")
def held(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """A qualifying visit in which {name} was discussed, unless the patient was seen within the look-back."""
    months = policy.number(f"{program}.initiating_visit.lookback_months")
    state = month.program(program).initiating
    if state == "not_needed":
        return met(
            f"the patient was seen within {months} months before the program started: no initiating visit is needed"
        )
    if state == "done":
        return met("an initiating visit was held, with the program discussed where policy asks")
    if state == "unknown":
        return unknown(
            "neither the last visit nor an initiating visit is recorded",
            f"record the last visit, or an initiating visit, within {months} months before the program started",
        )
    if state == "not_discussed" and policy.flag(f"{program}.initiating_visit.must_be_discussed"):
        return not_yet(
            f"a visit qualifies, but no record shows that {NAMES[program]} was discussed in it",
            "find the discussion in the visit's note, or hold a visit that discusses it",
        )
    missing = f"an initiating visit is needed (new patient, or not seen within {months} months) and none qualifies"
    if past_mending(month):
        return unmet(missing)
    return not_yet(missing, f"hold an initiating visit by {month.month.last_on}; minutes before it do not count")
