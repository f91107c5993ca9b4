"""Talking about advance care planning: the practitioner's own minutes with patient or family, who agreed to talk."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import reached
from careledger.rules.rule import judgement, met, note, rule, unknown, unmet

TOPIC = "acp.conversation"
_CLOCK = "acp.own_s"
_MINUTES = (_CLOCK, "acp.curable_s", "month_closed", "died")


@rule("acp.consent")
def voluntary(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient, or who speaks for the patient, agreed to the talk."""
    policy.flag(f"{TOPIC}.needs_voluntary")
    state = month.program("acp").consent
    if state in ("in_force", "other_practitioner"):
        return met("the patient agreed to the talk")
    if state in ("later", "revoked"):
        return unmet("the patient had not agreed to the talk, or withdrew", "talk only with the patient's agreement")
    return unknown(
        "it is not recorded that the patient agreed to the talk",
        "record the agreement of the patient, or of who speaks for the patient, to the talk",
    )


@rule(*_MINUTES)
def first_unit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The first unit is earned once its minutes are past their midpoint; staff minutes never count."""
    policy.flag(f"{TOPIC}.staff_counts")
    return reached(month, _CLOCK, _first_minutes(policy), "own")


@rule(*_MINUTES)
def add_on_units(month: PatientMonth, policy: PolicyView) -> Finding:
    """One add-on unit for each further unit of minutes past its midpoint, up to the limit."""
    first, each = policy.number(f"{TOPIC}.first_unit_minutes"), policy.number(f"{TOPIC}.add_on_minutes")
    limit, have = policy.number(f"{TOPIC}.add_on_limit"), month.program("acp").own_s
    least = policy.number(f"{TOPIC}.add_on_midpoint_minutes") if _counts_midpoint(policy) else each
    earned = min(limit, (have - (first + least) * 60) // (each * 60) + 1)
    if earned < 1:
        return reached(month, _CLOCK, first + least, "own")
    return met(f"the practitioner's own time earns {earned} further of at most {limit} units", units=earned)


@rule(_CLOCK)
def past_midpoint(month: PatientMonth, policy: PolicyView) -> Finding:
    """A unit counted past its midpoint rests on the code book's rule for timed services, which Medicare adopted."""
    first, each = policy.number(f"{TOPIC}.first_unit_minutes"), policy.number(f"{TOPIC}.add_on_minutes")
    have = month.program("acp").own_s
    beyond = have - first * 60
    whole = beyond >= 0 and beyond % (each * 60) < policy.number(f"{TOPIC}.add_on_midpoint_minutes") * 60
    if not _counts_midpoint(policy) or whole or have < _first_minutes(policy) * 60:
        return met("no unit rests on a midpoint")
    return note(
        "a unit is counted past its midpoint, by the code book's rule that Medicare adopted for these codes",
        "have the note name the minutes of the talk itself",
    )


@rule("visit_codes")
def with_wellness(month: PatientMonth, policy: PolicyView) -> Finding:
    """On the day of a wellness visit the patient owes nothing for the talk, which a modifier says."""
    codes = set(policy.words(f"{TOPIC}.wellness_codes")).intersection(month.visit_codes)
    if not codes or not policy.flag(f"{TOPIC}.waived_cost_sharing_beside_wellness"):
        return met("no wellness visit of the month changes what the patient owes")
    modifier = policy.text(f"{TOPIC}.wellness_modifier")
    return note(
        "a wellness visit lies in the month: with it on one day, the patient owes nothing for the talk",
        f"add modifier {modifier} if the talk was part of that day's wellness visit",
    )


@rule("acp.own_s", "acp.on_one_day")
def one_talk(month: PatientMonth, policy: PolicyView) -> Finding:
    """Minutes of talks on different days are not added up."""
    facts = month.program("acp")
    if not policy.flag("acp.time_rules.each_day_alone") or facts.on_one_day or facts.own_s == 0:
        return met("the minutes that count belong to one day")
    return judgement(
        "the practitioner talked on more than one day, and the minutes of different days are not added up",
        "bill each day by its own minutes; a talk repeated in the month needs a change of health or wishes in its note",
    )


def _counts_midpoint(policy: PolicyView) -> bool:
    return policy.flag(f"{TOPIC}.midpoint_counts")


def _first_minutes(policy: PolicyView) -> int:
    name = "first_unit_midpoint_minutes" if _counts_midpoint(policy) else "first_unit_minutes"
    return policy.number(f"{TOPIC}.{name}")
