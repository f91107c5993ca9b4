"""Where the patient lives, and days in a facility."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, program_rule, unknown, unmet

FACILITIES = ("nursing_facility", "snf", "hospice_facility")


@program_rule("residence", "facility_paid_for_care_management")
def facility_not_paid(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """A resident of a facility may receive {name} where the facility is not paid for care management."""
    if not policy.flag(f"{program}.stays.facility_payment_bars"):
        return met("where the patient lives does not matter")
    if month.facility_paid_for_care_management:
        return unmet("the facility the patient lives in is paid for care management")
    if month.residence is None:
        return unknown("it is not recorded where the patient lives", "record where the patient lives")
    if month.residence not in FACILITIES or month.facility_paid_for_care_management is False:
        return met("no facility is paid for the patient's care management")
    return unknown(
        "the patient lives in a facility, and it is not recorded whether the facility is paid for care management",
        "ask the facility whether care management is in its payment, and record the answer",
    )


@program_rule("whole_month_in_facility")
def some_day_outside(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Minutes count on days outside hospital and Part A nursing stays only."""
    kinds = ", ".join(policy.words(f"{program}.stays.excluded_stay_kinds")).replace("_", " ")
    if month.whole_month_in_facility:
        return unmet(f"the patient spent the whole month in a facility ({kinds}): no day counts")
    return met(f"some day of the month lies outside {kinds}")
