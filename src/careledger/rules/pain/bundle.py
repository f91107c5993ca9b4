"""Who may receive chronic pain management, the visit that comes first, and the record of the bundle's parts."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, past_mending, rule, unknown, unmet

SCALE = "validated_pain_scale"


@rule("chronic_pain")
def chronic_pain(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient has persistent or recurrent pain that lasts longer than policy's months; the diagnosis may be new."""
    months = policy.number("pain.eligibility.pain_months")
    prefixes = ", ".join(policy.words("pain.eligibility.diagnosis_prefixes"))
    policy.flag("pain.eligibility.needs_prior_diagnosis")
    if month.chronic_pain:
        return met("a diagnosis of chronic pain is recorded")
    if month.chronic_pain is None:
        return unknown(
            f"no recorded diagnosis says that the patient's pain has lasted longer than {months} months",
            f"record the diagnosis of chronic pain, which may be made at the first visit (ICD-10-CM {prefixes})",
        )
    return unmet(f"the pain is recorded as not chronic, and the service is for pain longer than {months} months")


@rule("billed_before", "seen_in_person", "month_closed", "died")
def first_visit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The first month that is billed has a visit in person; later ones may be by telehealth."""
    code = policy.text("pain.practitioner_time.base_code")
    if not policy.flag("pain.first_visit.needs_in_person"):
        return met("no visit in person is asked for")
    if any(service.code == code and service.relation == "self" for service in month.billed_before):
        policy.flag("pain.first_visit.later_visits_may_be_remote")
        return met(f"{code} was billed for an earlier month: no further visit in person is needed")
    if month.seen_in_person:
        return met("the practitioner saw the patient in person in the month")
    if month.seen_in_person is None:
        return unknown(
            "it is not recorded whether the month's visit was face to face, and the first month has one in person",
            "record of the visit whether it was face to face and whether it was by telehealth",
        )
    says = f"no visit in person in the month, and no claim of an earlier {code} by this practitioner is on record"
    if past_mending(month):
        return unmet(says, f"if {code} was billed for an earlier month, record that claim")
    return not_yet(says, f"see the patient in person by {month.month.last_on}, or record the earlier claim")


@rule("pain.plan_exists", "pain.plan_lacks", "month_closed", "died")
def validated_scale(month: PatientMonth, policy: PolicyView) -> Finding:
    """The pain was rated with a validated scale."""
    facts = month.program("pain")
    if not policy.flag("pain.elements.needs_validated_scale"):
        return met("no rating scale is asked for")
    if not facts.plan_exists or facts.plan_lacks == ("unknown",):
        return unknown("it is not recorded whether a validated pain scale was used", "record the scale and its result")
    if SCALE not in facts.plan_lacks:
        return met("a validated pain scale was used")
    says = "no validated pain scale was used"
    if past_mending(month):
        return unmet(says, "use one in coming months")
    return not_yet(says, f"rate the pain with a validated scale by {month.month.last_on}")
