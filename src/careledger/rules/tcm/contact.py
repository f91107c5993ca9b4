"""Interactive contact with patient or caregiver soon after the discharge, or enough timely attempts."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import DischargeMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, not_yet, note, past_mending, professional, unknown, unmet
from careledger.rules.tcm.concerned import check


@check("month_closed", "died")
def in_time(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """Contact within two business days after the discharge, or two separate documented attempts in that time."""
    days, attempts = policy.number("tcm.contact.business_days"), policy.number("tcm.contact.attempts_suffice")
    if _counts(one, policy) and one.contact_business_days is not None and one.contact_business_days <= days:
        return met(f"patient or caregiver was reached within {days} business days of the discharge")
    if one.timely_attempts is not None and one.timely_attempts >= attempts:
        policy.flag("tcm.contact.needs_all_else_met")
        return met(f"at least {attempts} separate attempts were made within {days} business days, which suffices")
    lacking = _lacking(one, days)
    if one.timely_attempts is None:
        return unknown(
            f"{lacking}, and it is not recorded whether {attempts} attempts were made in time",
            f"record the contact, or at least {attempts} separate attempts within {days} business days, with their days",
        )
    says = f"{lacking}, and fewer than {attempts} attempts were made in time"
    if _over(one, month):
        return unmet(says, "bill the visit as the visit it was")
    return not_yet(says, f"reach patient or caregiver within {days} business days of the discharge")


@check()
def by_whom(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """A practitioner, or clinical staff who can answer the patient's needs, made the contact."""
    kind = one.contact_by_kind
    if one.contact_business_days is None or not _counts(one, policy):
        return met("no contact is recorded whose maker matters")
    if kind is None:
        return note(
            "it is not recorded who made the contact after the discharge",
            "be sure that it was the practitioner or clinical staff, not scheduling alone, and record it",
        )
    able = (*policy.words("tcm.contact.staff_kinds"), *policy.words("tcm.supervision.biller_kinds"))
    if kind in able or kind in policy.words("tcm.supervision.clinical_staff_kinds"):
        return met(f"{professional(kind)} made the contact")
    attempts = policy.number("tcm.contact.attempts_suffice")
    if one.timely_attempts is not None and one.timely_attempts >= attempts:
        return met(f"the contact by {professional(kind)} does not count, and {attempts} timely attempts suffice")
    if kind in policy.words("tcm.supervision.judgement_kinds"):
        return judgement(
            f"whether {professional(kind)} may make the contact rests on the State's law, training and the practice's protocol",
            f"decide whether the {kind} could answer the patient's needs, or record a contact by clinical staff",
        )
    return unmet(
        f"the contact was made by {professional(kind)}, who is no clinical staff",
        "if a practitioner or clinical staff reached the patient in time, record that contact",
    )


def _counts(one: DischargeMonth, policy: PolicyView) -> bool:
    """A talk before the discharge is not the contact after it."""
    return not one.contact_before_discharge or policy.flag("tcm.contact.before_discharge_counts")


def _lacking(one: DischargeMonth, days: int) -> str:
    if one.contact_before_discharge:
        return "the recorded contact took place before the discharge"
    if one.contact_business_days is None:
        return "no contact after the discharge is recorded"
    return f"the contact came later than {days} business days after the discharge"


def _over(one: DischargeMonth, month: PatientMonth) -> bool:
    """Is the time for the contact over? It is once a later contact, the visit or the month's end has come."""
    late = one.contact_business_days is not None and not one.contact_before_discharge
    return late or one.visit_days is not None or past_mending(month)
