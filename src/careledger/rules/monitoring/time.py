"""Minutes of monitoring in the calendar month, with live talk; the practitioner's own review of data."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.monitoring.device import devices_of, in_period, is_medical
from careledger.rules.rule import judgement, met, not_yet, past_mending, program_rule, unknown, unmet


@program_rule("devices")
def medical_device(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The readings that are managed come from a medical device as the Food and Drug Administration defines it."""
    return is_medical(devices_of(month, program), policy.flag(f"{program}.treatment_time.needs_fda_device"))


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


@program_rule("{program}.team_s", "month_closed", "died")
def below_the_longer(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """From twenty minutes on, the code of twenty minutes describes the month; an open month may still reach them."""
    topic = f"{program}.treatment_time"
    longer, minutes = policy.text(f"{topic}.base_code"), policy.number(f"{topic}.first_unit_minutes")
    policy.number(f"{topic}.short_minutes_max")
    policy.flag(f"{topic}.exclusive")
    if month.program(program).team_s >= minutes * 60:
        return unmet(f"the month has {minutes} minutes or more, which {longer} describes", f"bill {longer}")
    if month.month_closed is False and month.died == "no":
        return not_yet(
            f"the month may still reach the {minutes} minutes of {longer}, which is then the one to bill",
            f"bill when the month is over, on {month.month.next().first_on} or later",
        )
    return met(f"the month stays below the {minutes} minutes of {longer}")


@program_rule("devices")
def review_beside_devices(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Data review beside a device code of the practitioner's own is not settled: an edit bars the two on one day."""
    code = policy.text(f"{program}.data_review.code")
    supply = policy.find(f"{program}.device.code")
    if supply is None or not in_period(month, policy, program):
        return met("no device is billed in the month beside the data review")
    answers = [answer for _, answer in policy.conflicts(code, str(supply.value), "self") if answer.value == "human"]
    if not answers:
        return met("data review may stand beside the device codes")
    return judgement(
        f"whether {code} is paid beside {supply.value} by one practitioner in a month is not settled",
        f"{answers[0].note}: bill the device codes, or ask the contractor before billing both",
    )
