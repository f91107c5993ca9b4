"""The practitioner as the patient's focal point, and what the practice must be able to furnish."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, note, rule, unknown, unmet


@rule("primary_care.focal_point")
def focal_point(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practitioner is responsible for all primary care and the continuing focal point for all needed services."""
    policy.flag("apcm.practitioner.needs_responsibility_for_all_primary_care")
    policy.flag("apcm.practitioner.needs_focal_point")
    policy.flag("apcm.elements.needs_continuity")
    if month.primary_care.focal_point is None:
        return unknown(
            "it is not recorded whether the practitioner is responsible for all of the patient's primary care",
            "record whether the practitioner is the focal point of the patient's primary care",
        )
    if month.primary_care.focal_point:
        return met("the practitioner is the focal point of the patient's primary care")
    return unmet("the practitioner is not responsible for all of the patient's primary care", "who is may bill it")


@rule("primary_care.able_to_furnish_all")
def able_to_furnish_all(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practice can furnish every element; each is furnished when the patient needs it, not every month."""
    policy.flag("apcm.practitioner.needs_able_to_furnish_all")
    policy.flag("apcm.elements.needs_population_management")
    policy.flag("apcm.monthly_payment.every_element_each_month")
    named = ", ".join(policy.words("apcm.elements.elements")).replace("_", " ")
    if month.primary_care.able_to_furnish_all is None:
        return unknown(
            "it is not recorded whether the practice can furnish every element",
            f"record whether the practice can furnish: {named}",
        )
    if month.primary_care.able_to_furnish_all:
        return met("the practice can furnish every element")
    return unmet("the practice cannot furnish every element", f"it needs: {named}")


@rule("access_24_7")
def day_and_night(month: PatientMonth, policy: PolicyView) -> Finding:
    """Urgent needs reach the care team at any hour."""
    policy.flag("apcm.elements.needs_access_24_7")
    if month.access_24_7 is None:
        return unknown("round-the-clock access is not recorded", "record how a patient reaches a clinician at any hour")
    if month.access_24_7:
        return met("patients reach a clinician 24 hours a day, 7 days a week")
    return unmet("the practice does not offer access to a clinician 24 hours a day, 7 days a week", "arrange it first")


@rule("certified_ehr")
def certified_record(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practice records in a certified electronic record."""
    policy.flag("apcm.elements.needs_certified_ehr")
    if month.certified_ehr is None:
        return unknown("it is not recorded whether the electronic record is certified", "record its certification")
    if month.certified_ehr:
        return met("the practice records in a certified electronic record")
    return unmet("the practice does not record in a certified electronic record", "adopt a certified record first")


@rule("primary_care.quality_reporting")
def quality_reporting(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practitioner reports the quality of primary care, alone or through an accountable care organisation."""
    policy.flag("apcm.elements.needs_quality_reporting")
    if month.primary_care.quality_reporting is None:
        return unknown(
            "it is not recorded whether the practitioner reports the quality of primary care",
            "record the reporting: the value pathway for primary care, or an accountable care organisation",
        )
    if month.primary_care.quality_reporting:
        return met("the quality of primary care is reported")
    return unmet("the quality of primary care is not reported", "take part in the reporting before billing")


@rule("apcm.plan_exists", "ccm.plan_exists")
def care_plan(month: PatientMonth, policy: PolicyView) -> Finding:
    """A comprehensive care plan is one of the elements, furnished when appropriate; its absence is worth a look."""
    policy.flag("apcm.elements.needs_care_plan")
    if month.program("apcm").plan_exists or month.program("ccm").plan_exists:
        return met("a comprehensive care plan is recorded")
    return note("no comprehensive care plan is recorded, and it is one of the elements", "write the care plan")


@rule("apcm.logged_s", "seen_in_person")
def some_service(month: PatientMonth, policy: PolicyView) -> Finding:
    """No minutes are asked for; whether a month in which nothing was done is paid is not settled, so it warns."""
    policy.flag("apcm.monthly_payment.counts_minutes")
    policy.flag("apcm.monthly_payment.needs_some_service_in_month")
    if month.program("apcm").logged_s > 0 or month.seen_in_person:
        return met("some service to the patient is recorded in the month")
    return note(
        "no service to the patient is recorded in the month: no minutes are asked for, but be ready to show what was done",
        "record what was done for the patient in the month",
    )


@rule("whole_month_in_facility")
def some_day_at_home(month: PatientMonth, policy: PolicyView) -> Finding:
    """A month spent wholly in a facility leaves little for primary care to manage; no source settles it."""
    if not policy.flag("apcm.stays.whole_month_in_facility_bars") or not month.whole_month_in_facility:
        return met("some day of the month lies outside a facility")
    return judgement(
        "the patient spent the whole month in a facility, and no source says whether the month is paid",
        "decide whether primary care was managed in the month, or ask the contractor",
    )
