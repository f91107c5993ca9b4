"""The behavioral care manager's minutes: which code describes the month by them, first or later."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.behavioral.episode import kind_of
from careledger.rules.clock import blocks, reached
from careledger.rules.rule import judgement, met, note, rule, unknown, unmet

TOPIC = "cocm.care_manager_time"
CLOCK = "cocm.staff_s"
_MINUTES = ("cocm.staff_s", "cocm.curable_s", "month_closed", "died")
_KIND = ("behavioral.initiating_month", "billed_before")


@rule(*_MINUTES)
def first_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """A first month is earned by its full minutes of the care manager in the calendar month."""
    return _full(month, policy, "first_month_minutes")


@rule(*_MINUTES)
def later_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """A later month is earned by its full minutes of the care manager in the calendar month."""
    return _full(month, policy, "later_month_minutes")


@rule(*_MINUTES, *_KIND)
def add_on_units(month: PatientMonth, policy: PolicyView) -> Finding:
    """One add-on unit per further full block beyond the minutes of the first or later month, up to the limit."""
    each, limit = policy.number(f"{TOPIC}.add_on_minutes"), policy.number(f"{TOPIC}.add_on_limit")
    kind = kind_of(month, policy)
    if kind == "unknown":
        return unknown(
            "the minutes before the first further block depend on whether the month is the first, which is not recorded",
            "record whether the month is the first of the episode of collaborative care",
        )
    if kind == "doubtful":
        return judgement(
            "the minutes before the first further block depend on whether the month is the first, which is in doubt",
            "find out whether the other practice's episode has ended",
        )
    return blocks(month, CLOCK, policy.number(f"{TOPIC}.{kind}_month_minutes"), each, limit, "staff")


@rule(*_MINUTES)
def short_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """The short code is earned by its full minutes of the care manager in the calendar month."""
    return _full(month, policy, "short_minutes")


@rule("cocm.staff_s", *_KIND)
def below_the_full_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """The short code is for months that do not reach the minutes of a first or a later month."""
    first, later = (policy.number(f"{TOPIC}.{name}_month_minutes") for name in ("first", "later"))
    have, kind = month.program("cocm").staff_s, kind_of(month, policy)
    need = {"first": first, "later": later}.get(kind, max(first, later))
    if have >= need * 60:
        code = policy.text(f"{TOPIC}.{'later' if kind == 'later' else 'first'}_month_code")
        full = f"{code} describes" if kind in ("first", "later") else "a full month's code describes"
        return unmet(f"the month reaches {need} minutes, which {full}", "bill the full month")
    if kind in ("first", "later") or have < min(first, later) * 60:
        return met("the month does not reach the minutes of a full month")
    return unknown(
        f"the month reaches the {later} minutes of a later month and not the {first} of a first, and which it is is not "
        "known",
        "record whether the month is the first of the episode of collaborative care",
    )


@rule("cocm.staff_s", *_KIND)
def midpoint(month: PatientMonth, policy: PolicyView) -> Finding:
    """The code book counts a timed unit past its midpoint; Medicare's texts name full minutes, which we ask for."""
    kind, have = kind_of(month, policy), month.program("cocm").staff_s
    if kind not in ("first", "later"):
        return met("whether a midpoint would count is asked once the kind of month is known")
    full = policy.number(f"{TOPIC}.{kind}_month_minutes")
    if not 0 < have < full * 60 or policy.flag(f"{TOPIC}.midpoint_counts"):
        return met("whether a midpoint would count makes no difference")
    half = policy.number(f"{TOPIC}.{kind}_month_midpoint_minutes")
    if have < half * 60:
        return met("the minutes do not reach a midpoint either")
    code = policy.text(f"{TOPIC}.{kind}_month_code")
    return note(
        f"{half} minutes pass the midpoint of {code}: the code book would count it, and here the full {full} are asked",
        "ask the contractor in writing before billing at the midpoint",
    )


def _full(month: PatientMonth, policy: PolicyView, minutes: str) -> Finding:
    policy.words("cocm.team.care_manager_kinds")
    policy.flag(f"{TOPIC}.practitioner_time_fills")
    policy.flag(f"{TOPIC}.psychiatric_consultant_time_counts")
    return reached(month, CLOCK, policy.number(f"{TOPIC}.{minutes}"), "staff")
