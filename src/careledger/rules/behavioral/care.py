"""What behavioral care rests on: a diagnosis, the service it was, a rating scale, its elements, the team."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import BehavioralMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES, met, not_yet, note, past_mending, program_rule, rule, unknown, unmet

_OTHER = {"bhi": "cocm", "cocm": "bhi"}


def recorded(month: PatientMonth) -> BehavioralMonth:
    """The month's behavioral care; everything unknown when none is recorded."""
    return month.behavioral or BehavioralMonth()


@program_rule("behavioral.diagnosis")
def diagnosis(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The patient has a mental, behavioral or substance use condition that in the practitioner's judgement warrants it."""
    policy.flag(f"{program}.eligibility.needs_behavioral_diagnosis")
    found = recorded(month).diagnosis
    if found is None:
        return unknown("no behavioral diagnosis is recorded, nor that there is none", "record the behavioral diagnosis")
    if found:
        return met("the patient has a behavioral diagnosis")
    return unmet("the patient has no mental, behavioral or substance use condition")


@program_rule("behavioral.service", "bhi.consent", "cocm.consent")
def service_was(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The month's care is recorded as {name}: what was done names the code, never the amount."""
    policy.flag(f"{program}.one_track.exclusive")
    said, other = recorded(month).service, _OTHER[program]
    if said == program:
        return met(f"the month's care is recorded as {NAMES[program]}")
    if said == other:
        return unmet(f"the month's care is recorded as {NAMES[other]}", f"the codes of {NAMES[other]} describe it")
    if month.program(other).consent == "none" and month.program(program).consent != "none":
        return met(f"the patient agreed to {NAMES[program]} only")
    return unknown(
        f"it is not recorded whether the month's care was {NAMES[program]} or {NAMES[other]}",
        "record which of the two was furnished; the patient's month is one or the other",
    )


@program_rule("behavioral.validated_scale", "month_closed", "died")
def validated_scale(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The patient was assessed or followed with a validated rating scale."""
    if not policy.flag(f"{program}.elements.needs_validated_scale"):
        return met("no rating scale is asked for")
    used = recorded(month).validated_scale
    if used:
        return met("a validated rating scale was used")
    if used is None:
        return unknown("it is not recorded whether a validated rating scale was used", "record the scale and its day")
    if program == "bhi":
        return note("no validated rating scale was used: one is asked for where it applies", "note why none applies")
    says = "no validated rating scale was used"
    if past_mending(month):
        return unmet(says)
    return not_yet(says, f"use a validated rating scale by {month.month.last_on}")


@program_rule("behavioral.elements_documented", "month_closed", "died")
def documented(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Every element of {name} is documented."""
    return elements_of(month, policy, program)


def elements_of(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Is every element documented? Reads behavioral.elements_documented and whether the month can still be mended."""
    lists = ("elements", "first_month_elements", "later_month_elements")
    asked = [found for name in lists if (found := policy.find(f"{program}.elements.{name}")) is not None]
    done = recorded(month).elements_documented
    if done:
        return met("every element is documented")
    named = ", ".join(dict.fromkeys(word for found in asked for word in _words(found.value))).replace("_", " ")
    if done is None:
        return unknown("it is not recorded whether every element is documented", f"check the record for: {named}")
    says = "not every element is documented"
    if past_mending(month):
        return unmet(says, f"what was not done cannot be billed: {named}")
    return not_yet(says, f"furnish and document by {month.month.last_on} what is missing of: {named}")


@rule("behavioral.consultant_named")
def consultant(month: PatientMonth, policy: PolicyView) -> Finding:
    """A psychiatric consultant, qualified to prescribe, reviews the caseload every week."""
    for name in ("consultant_qualified_to_prescribe", "needs_weekly_caseload_review", "needs_registry"):
        policy.flag(f"cocm.team.{name}")
    if not policy.flag("cocm.team.needs_psychiatric_consultant") or recorded(month).consultant_named:
        return met("a psychiatric consultant is named")
    return unknown(
        "no psychiatric consultant is recorded, and collaborative care has one",
        "record the psychiatric consultant who reviewed the caseload with the care manager",
    )


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
