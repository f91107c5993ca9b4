"""Minutes of monitoring in the calendar month, with live talk; the practitioner's own review of data."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.monitoring.device import devices_of
from careledger.rules.rule import judgement, met, not_yet, past_mending, program_rule, unknown, unmet


@program_rule("devices", "{program}.patient_contact", "month_closed", "died")
def live_talk(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Live, interactive talk with patient or caregiver took place in the month."""
    if not policy.flag(f"{program}.treatment_time.needs_live_contact"):
        return met("live talk is not asked for")
    said = {one.live_contact for one in devices_of(month, program)}
    counted = month.program(program).patient_contact
    if True in said or (counted and False not in said):
        return met("live talk with patient or caregiver took place in the month")
    if counted:
        return judgement(
            "minutes of talk with the patient are logged, while the device's record says that no live talk took place",
            "find out which is true: without live talk in the month the minutes are not paid",
        )
    if None in said or (not said and counted is None):
        return unknown(
            "it is not recorded whether patient or caregiver was talked with live in the month",
            "record the live talk, with its day",
        )
    says = "no live talk with patient or caregiver took place in the month"
    if past_mending(month):
        return unmet(says)
    return not_yet(says, f"talk with patient or caregiver live by {month.month.last_on}")


@program_rule("{program}.team_s")
def below_the_longer(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """From twenty minutes on, the code of twenty minutes describes the month."""
    longer, minutes = (policy[f"{program}.treatment_time.{name}"] for name in ("base_code", "first_unit_minutes"))
    policy.number(f"{program}.treatment_time.short_minutes_max")
    policy.flag(f"{program}.treatment_time.exclusive")
    if month.program(program).team_s >= policy.number(f"{program}.treatment_time.first_unit_minutes") * 60:
        return unmet(f"the month has {minutes} minutes, which {longer} describes", f"bill {longer}")
    return met(f"the month stays below the {minutes} minutes of {longer}")
