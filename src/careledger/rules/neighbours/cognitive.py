"""Assessing cognition and planning care at one visit: the visit, its parts, and how long ago the last one was."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, not_yet, note, past_mending, professional, rule, unknown, unmet

TOPIC = "cognitive.assessment"
NOT_PARTS = ("cognitive_impairment", "independent_historian")


@rule("biller_kind")
def may_bill(month: PatientMonth, policy: PolicyView) -> Finding:
    """The assessment is billed by those who may bill visits."""
    if month.biller_kind in policy.words(f"{TOPIC}.biller_kinds"):
        return met(f"{professional(month.biller_kind)} may bill the cognitive assessment")
    return unmet(f"{professional(month.biller_kind)} cannot bill the cognitive assessment")


@rule("visit_codes", "month_closed", "died")
def held(month: PatientMonth, policy: PolicyView) -> Finding:
    """The assessment is a visit of its own, in the month; its length is typical and no threshold."""
    code, typical = policy.text(f"{TOPIC}.code"), policy.number(f"{TOPIC}.typical_minutes")
    if code in month.visit_codes:
        return met(f"the assessment was held in the month; {typical} minutes are typical, and no number is asked for")
    says = f"no visit for the assessment ({code}) is recorded in the month"
    if past_mending(month):
        return unmet(says, "if it was held, record the visit with its code")
    return not_yet(says, f"hold the assessment by {month.month.last_on}, or record the visit with its code")


@rule("visit_codes", "seen_in_person")
def in_person(month: PatientMonth, policy: PolicyView) -> Finding:
    """The assessment by telehealth is accepted since 2021."""
    if policy.flag(f"{TOPIC}.telehealth_accepted"):
        return met("the assessment may be held in person or by telehealth")
    if month.seen_in_person:
        return met("the practitioner saw the patient face to face in the month")
    if month.seen_in_person is None and policy.text(f"{TOPIC}.code") in month.visit_codes:
        return unknown("it is not recorded whether the visit was face to face", "record how the visit was held")
    return unmet("the patient was not seen face to face, and the assessment by telehealth is not accepted")


@rule("mdm")
def decision_making(month: PatientMonth, policy: PolicyView) -> Finding:
    """The assessment takes decision-making of moderate or high complexity."""
    levels = policy.words(f"{TOPIC}.mdm_levels")
    if month.mdm is None:
        return unknown(
            "the complexity of decision-making is not recorded", f"record it: {' or '.join(levels)} is asked for"
        )
    if month.mdm in levels:
        return met(f"decision-making was {month.mdm}")
    return unmet(f"decision-making was {month.mdm}; {' or '.join(levels)} is asked for", "bill the visit as a visit")


@rule("cognitive.plan_lacks", "cognitive.plan_exists")
def impaired(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient shows cognitive impairment, and an independent historian speaks with the patient or instead."""
    if not _is_known(month):
        return unknown(
            "no assessment is recorded that names the impairment and the independent historian",
            f"record the assessment's parts in a plan of the program cognitive, {NOT_PARTS[0]} and {NOT_PARTS[1]} too",
        )
    asked = {
        NOT_PARTS[0]: policy.flag(f"{TOPIC}.needs_cognitive_impairment"),
        NOT_PARTS[1]: policy.flag(f"{TOPIC}.needs_independent_historian"),
    }
    lacks = [name for name, is_asked in asked.items() if is_asked and name in month.program("cognitive").plan_lacks]
    if lacks:
        named = " and ".join(lacks).replace("_", " ")
        return unmet(f"the assessment is recorded without: {named}", "bill the visit as the visit it was")
    return met("impairment and an independent historian are recorded")


@rule("cognitive.plan_lacks", "cognitive.plan_exists", "month_closed", "died")
def every_part(month: PatientMonth, policy: PolicyView) -> Finding:
    """Every part of the assessment was furnished, down to the written plan."""
    parts = [part for part in policy.words(f"{TOPIC}.elements") if part not in NOT_PARTS]
    if not _is_known(month):
        named = ", ".join(parts).replace("_", " ")
        return unknown("the parts of the assessment are not recorded", f"record which were furnished: {named}")
    lacks = [part for part in parts if part in month.program("cognitive").plan_lacks]
    if not lacks or not policy.flag(f"{TOPIC}.every_element_needed"):
        return met("every part of the assessment is recorded")
    named = ", ".join(lacks).replace("_", " ")
    if past_mending(month):
        return unmet(f"the assessment lacks: {named}", "bill the visit as the visit it was")
    return not_yet(f"the assessment lacks: {named}", f"furnish and record by {month.month.last_on}: {named}")


@rule("billed_before")
def long_enough_ago(month: PatientMonth, policy: PolicyView) -> Finding:
    """One assessment is paid to a practitioner in its interval of days."""
    days, code = policy.number(f"{TOPIC}.interval_days"), policy.text(f"{TOPIC}.code")
    relations = {service.relation for service in month.billed_before if service.code == code}
    if "self" in relations:
        return judgement(
            f"the practitioner billed {code} within {days} days before the month, and one is paid in {days} days",
            f"compare the days of the two visits: bill only if at least {days} days lie between them",
        )
    return met(f"the practitioner billed no assessment in the {days} days before the month")


@rule("visit_codes")
def beside_wellness(month: PatientMonth, policy: PolicyView) -> Finding:
    """Beside a wellness visit of the day the assessment carries a modifier."""
    codes = set(policy.words("acp.conversation.wellness_codes")).intersection(month.visit_codes)
    if not codes:
        return met("no wellness visit lies in the month")
    return note(
        f"a wellness visit ({', '.join(sorted(codes))}) lies in the month",
        f"on one day with it, add modifier {policy.text(f'{TOPIC}.beside_wellness_modifier')}",
    )


def _is_known(month: PatientMonth) -> bool:
    facts = month.program("cognitive")
    return bool(facts.plan_exists) and facts.plan_lacks != ("unknown",)
