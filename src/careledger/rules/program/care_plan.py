"""The comprehensive care plan."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, note, past_mending, program_rule, unknown, unmet


@program_rule("{program}.plan_exists", "month_closed", "died")
def established(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The care plan that {name} asks for exists by the end of the month."""
    policy.words(f"{program}.care_plan.elements")
    exists = month.program(program).plan_exists
    if exists:
        return met("the care plan is established")
    if exists is None:
        return unknown("no care plan is recorded with its day", "record the care plan and the day it was established")
    if past_mending(month):
        return unmet("no care plan existed in the month", "establish it for coming months")
    return not_yet("no care plan is established", f"establish the care plan by {month.month.last_on}")


@program_rule("{program}.plan_exists", "{program}.plan_lacks", "month_closed", "died")
def complete(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The plan has every element that applies to the patient."""
    facts = month.program(program)
    optional = set(policy.words(f"{program}.care_plan.optional_elements"))
    if facts.plan_lacks == ("unknown",):
        asked = ", ".join(policy.words(f"{program}.care_plan.elements")).replace("_", " ")
        return unknown("it is not recorded which elements the plan has", f"record the plan's elements: {asked}")
    missing = [element for element in facts.plan_lacks if element not in optional]
    if not missing or not facts.plan_exists:
        return met("the plan lacks no element that every plan has")
    named = ", ".join(missing).replace("_", " ")
    if past_mending(month):
        return unmet(f"the care plan lacks: {named}", "complete the plan for coming months")
    return not_yet(f"the care plan lacks: {named}", f"add to the care plan by {month.month.last_on}: {named}")


@program_rule("{program}.plan_exists", "{program}.plan_signed")
def signed(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """A practitioner of the practice reviewed and signed the plan."""
    if not policy.flag(f"{program}.care_plan.needs_signature"):
        return met("no signature is asked for")
    facts = month.program(program)
    if facts.plan_signed:
        return met("a practitioner signed the plan")
    if facts.plan_signed is None:
        return unknown(
            "it is not recorded who signed the care plan", "record the practitioner who reviewed and signed it"
        )
    return not_yet("no practitioner of the practice signed the care plan", "have the practitioner review and sign it")


@program_rule("{program}.plan_exists", "{program}.plan_copy_given")
def copy_given(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The patient or caregiver has a copy, on paper or electronically."""
    if not policy.flag(f"{program}.care_plan.needs_copy"):
        return met("no copy is asked for")
    given = month.program(program).plan_copy_given
    if given:
        return met("the patient or caregiver has a copy of the plan")
    if given is None:
        return unknown(
            "it is not recorded that a copy was given", "record the day a copy was given to patient or caregiver"
        )
    return not_yet("the patient has no copy of the care plan", "give a copy to patient or caregiver and record the day")


@program_rule("{program}.plan_exists", "{program}.plan_reviewed")
def reviewed(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The plan was reviewed within our house limit; Medicare sets no number of months, so this only warns."""
    months = policy.number(f"{program}.care_plan.review_months")
    facts = month.program(program)
    if not facts.plan_exists or facts.plan_reviewed:
        return met(f"the plan was looked at within {months} months, or there is none to look at")
    return note(
        f"no review of the care plan within {months} months is recorded (our own limit: Medicare names none)",
        "review the plan and record the day",
    )


@program_rule("{program}.plan_lacks")
def optional_elements(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Elements that apply to some patients only; their absence is worth a reason in the record."""
    optional = set(policy.words(f"{program}.care_plan.optional_elements"))
    missing = [element for element in month.program(program).plan_lacks if element in optional]
    if not missing:
        return met("no element that applies to some patients only is missing")
    named = ", ".join(missing).replace("_", " ")
    return note(f"the care plan does not have: {named}", "note in the record why they do not apply")
