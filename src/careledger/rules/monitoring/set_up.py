"""Setting the device up and teaching its use: once for an episode, when enough data followed."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.monitoring.device import counting, devices_of, in_period, more_days
from careledger.rules.rule import judgement, met, not_yet, past_mending, program_rule, unknown, unmet


@program_rule("devices")
def in_month(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """A device was set up, and its use taught, in the month; or before it, with the first period ending now."""
    mine = devices_of(month, program)
    if not mine or any(one.is_set_up_in_month for one in mine):
        return met("a device was set up in the month, or none is in question")
    if any(one.is_set_up_in_month is None for one in mine):
        return unknown("it is not recorded when the device was set up", "record the day of the set-up")
    if any(one.first_use and one.period == "ends_in_month" for one in mine):
        return judgement(
            "the device was set up before the month, and it is open whether the period that ends now is its first",
            "bill the set-up if this is the first period after it, and it was not billed before",
        )
    return unmet("no device was set up in the month")


@program_rule("devices", "billed_before")
def once_for_the_episode(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The set-up is paid once for an episode of care, however many devices it has."""
    code = policy.text(f"{program}.set_up.code")
    policy.number(f"{program}.set_up.times_per_episode")
    mine = devices_of(month, program)
    if mine and all(one.first_use is False for one in mine):
        return unmet("the device is not the first of its episode, and the set-up is paid once for an episode")
    if mine and not any(one.first_use for one in mine):
        return unknown(
            "it is not recorded whether the device is the first of its episode",
            "record whether an episode of monitoring began with it",
        )
    if any(service.code == code and service.relation != "other" for service in month.billed_before):
        return judgement(
            f"{code} was billed by the practice before, and it is paid once for an episode",
            "decide whether a new episode of care, with new goals, began with this device",
        )
    return met("the device is the first of its episode, or none is in question")


@program_rule("devices", "month_closed", "died")
def data_followed(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Enough days of data came within the thirty days of the period."""
    least, period = (policy.number(f"{program}.set_up.{name}") for name in ("data_days_min", "period_days"))
    ended = in_period(month, policy, program)
    if not counting(month, policy, program):
        return met("no device's days are to be counted")
    if not ended:
        return _not_ended(month, period, any(one.period == "ends_later" for one in month.devices))
    known = [one.days_with_data for one in ended if one.days_with_data is not None]
    sure = max(known, default=0)
    if sure >= least:
        return met(f"at least {least} days of data followed the set-up")
    if len(known) < len(ended):
        return unknown("the days of data after the set-up are not recorded", "count the days with data in the period")
    if sum(known) >= least:
        return judgement(
            f"no device alone sent data on {least} days, and several devices are one supply",
            f"count the days on which any of the devices sent data: at least {least} are asked",
        )
    return _too_few(month, policy, program, sure, least)


def _not_ended(month: PatientMonth, period: int, ends_later: bool) -> Finding:
    if ends_later:
        return not_yet(
            f"the {period} days in which data must follow the set-up end after the month",
            "the days of data are counted when the period is over",
        )
    return unknown(
        "the period in which data followed the set-up is not recorded",
        f"record the first and the last day of the {period}-day period",
    )


def _too_few(month: PatientMonth, policy: PolicyView, program: str, sure: int, least: int) -> Finding:
    eased = policy.find(f"{program}.set_up.covid_data_days_min")
    if eased is not None and isinstance(eased.value, int) and sure >= eased.value:
        return judgement(
            f"{sure} days of data suffice only for a patient with, or suspected of, COVID-19; otherwise {least} are asked",
            "decide whether the patient had, or was suspected of, COVID-19",
        )
    says = f"{sure} days of data followed the set-up, and at least {least} are asked"
    if past_mending(month):
        return unmet(says)
    return not_yet(says, more_days(least - sure))
