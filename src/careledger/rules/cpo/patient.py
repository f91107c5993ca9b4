"""The patient and practitioner of care plan oversight."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, past_mending, professional, rule, unknown, unmet

TOPIC = "cpo.conditions"


@rule("biller_kind")
def may_bill(month: PatientMonth, policy: PolicyView) -> Finding:
    """Oversight is billed by a physician, nurse practitioner, physician assistant or clinical nurse specialist."""
    if month.biller_kind in policy.words(f"{TOPIC}.biller_kinds"):
        return met(f"{professional(month.biller_kind)} may bill care plan oversight")
    return unmet(f"{professional(month.biller_kind)} cannot bill care plan oversight")


@rule("complex_multidisciplinary_care")
def complex_care(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient needs complex or multidisciplinary care with the practitioner's ongoing involvement."""
    policy.flag(f"{TOPIC}.needs_complex_care")
    if month.complex_multidisciplinary_care is None:
        return unknown(
            "it is not recorded whether the patient needs complex or multidisciplinary care",
            "have the practitioner record why the patient needs complex or multidisciplinary care",
        )
    if month.complex_multidisciplinary_care:
        return met("the patient needs complex or multidisciplinary care")
    return unmet("the patient does not need complex or multidisciplinary care")


@rule("visit_within_6_months", "month_closed", "died")
def seen(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practitioner saw the patient face to face within six months before."""
    months = policy.number(f"{TOPIC}.lookback_months")
    if month.visit_within_6_months:
        return met(f"the practitioner saw the patient face to face within {months} months")
    if month.visit_within_6_months is None:
        says = "no face-to-face visit with the practitioner is recorded, nor that there was none"
        return unknown(says, f"record the practitioner's last face-to-face visit (within {months} months)")
    says = f"the practitioner did not see the patient face to face within {months} months before"
    if past_mending(month):
        return unmet(says)
    return not_yet(says, "see the patient; oversight before the visit is not paid")


@rule("residence")
def at_home(month: PatientMonth, policy: PolicyView) -> Finding:
    """Residents of nursing facilities are not covered."""
    excluded = policy.words(f"{TOPIC}.excluded_residences")
    if month.residence is None:
        return unknown("it is not recorded where the patient lives", "record where the patient lives")
    if month.residence in excluded:
        return unmet(
            f"the patient lives in a facility ({month.residence.replace('_', ' ')}), where oversight is not covered"
        )
    return met("the patient does not live in a nursing facility")


@rule("whole_month_in_facility")
def not_in_hospital(month: PatientMonth, policy: PolicyView) -> Finding:
    """Oversight of a patient in hospital or a nursing facility is not covered."""
    policy.words(f"{TOPIC}.excluded_stay_kinds")
    if month.whole_month_in_facility:
        return unmet("the patient spent the whole month in a facility, where oversight is not covered")
    return met("some day of the month lies outside any facility")


@rule("in_global_period")
def no_global_period(month: PatientMonth, policy: PolicyView) -> Finding:
    """Routine care after the practitioner's own surgery is in the surgery's payment."""
    if month.in_global_period and policy.flag(f"{TOPIC}.global_period_bars"):
        return unmet(
            "the month lies in the global period of a surgery by the practitioner, whose payment holds the care"
        )
    return met("no surgery of the practitioner's covers the month")
