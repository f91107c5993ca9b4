"""Setting a device up, and supplying it: days of data within its thirty-day period.

Several devices are one supply. What counts is a day with data of any of them, so the largest count of one device is sure,
and the sum of all is the most that can be true.
"""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import DeviceMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES, judgement, met, not_yet, past_mending, program_rule, unknown, unmet

Devices = tuple[DeviceMonth, ...]


@program_rule("devices")
def recorded(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Finding:
    """A device for {name} is recorded, of the body system the code is for."""
    mine = devices_of(month, program, system)
    named = f"{NAMES[program]}" + (f" ({system.replace('_', ' ')})" if system else "")
    if mine:
        return met(f"a device for {named} is recorded")
    if any(one.system is None for one in devices_of(month, program)) and system:
        return unknown(
            "it is not recorded which body system the device monitors",
            "record the device's system: respiratory, musculoskeletal or cognitive behavioral",
        )
    return unmet(f"no device for {named} is recorded in the month")


@program_rule("devices")
def medical(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Finding:
    """The device is a medical device as the Food and Drug Administration defines it."""
    return is_medical(devices_of(month, program, system), policy.flag(f"{program}.device.needs_fda_device"))


@program_rule("devices")
def sends_by_itself(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Finding:
    """Readings reach the practice without the patient typing them, where policy asks for it."""
    mine = devices_of(month, program, system)
    if not policy.flag(f"{program}.device.needs_auto_transmit") or not mine:
        return met("the patient may report the data, or no device is in question")
    if any(one.auto_transmits for one in mine):
        return met("the device sends its readings by itself")
    if any(one.auto_transmits is None for one in mine):
        return unknown(
            "it is not recorded whether the device sends its readings by itself",
            "record whether the readings arrive without the patient typing them",
        )
    return unmet("the patient types the readings in, and such days do not count as days of data")


@program_rule("devices", "month_closed", "died")
def period_ended(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Finding:
    """The thirty-day period of the device ends in the month."""
    days = policy.number(f"{program}.device.period_days")
    mine = counting(month, policy, program, system)
    ended = [one for one in mine if one.period == "ends_in_month"]
    if not mine or any(one.period_days is not None and one.period_days <= days for one in ended):
        return met("the device's period ends in the month, or no device is in question")
    if ended:
        return unknown(
            f"the days of data were counted over more than {days} days",
            f"count the days of data within one period of {days} days, and record its first and last day",
        )
    if any(one.period == "unknown" for one in mine):
        return unknown(
            "the period in which the days of data were counted is not recorded",
            f"record the first and the last day of the {days}-day period",
        )
    return not_yet("the device's period ends after the month", "the device is billed with the month its period ends in")


@program_rule("devices", "month_closed", "died")
def days_of_data(month: PatientMonth, policy: PolicyView, program: str, system: str, short: str) -> Finding:
    """The period has as many days of data as the code describes."""
    start = "short_days" if short else "days"
    least, most = (policy.number(f"{program}.device.{start}_{end}") for end in ("min", "max"))
    policy.flag(f"{program}.device.exclusive")
    ended = in_period(month, policy, program, system)
    if not ended:
        return met("no device's period is to be counted")
    sure, possible, open_ = _days(ended, policy.number(f"{program}.device.period_days"))
    if sure > most:
        return unmet(f"the period has {sure} days of data, more than the {least} to {most} that the code describes")
    if open_ and sure < least:
        return unknown("the days of data in the period are not recorded", "count the days with data in the period")
    if sure >= least:
        return _enough(month, policy, program, (sure, possible, most), open_)
    if possible >= least:
        return _union(sure, possible)
    return _too_few(month, policy, program, sure, least, short)


def devices_of(month: PatientMonth, program: str, system: str = "") -> Devices:
    """The month's devices of a program, and of a body system where one is named."""
    return tuple(one for one in month.devices if one.kind == program and system in ("", one.system))


def is_medical(mine: Devices, is_needed: bool) -> Finding:
    """Is one of the devices a medical device, where policy asks for it?"""
    if not is_needed or not mine or any(one.fda_device for one in mine):
        return met("the device is a medical device as FDA defines it, or none is in question")
    if any(one.fda_device is None for one in mine):
        return unknown(
            "it is not recorded whether the device is a medical device as FDA defines it",
            "look the device up, and record whether it is one",
        )
    return unmet("the device is no medical device as FDA defines it")


def counting(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Devices:
    """Devices whose days may count: none that is no medical device, or into which the patient types the readings."""
    fda = policy.flag(f"{program}.device.needs_fda_device")
    sends = policy.flag(f"{program}.device.needs_auto_transmit")
    return tuple(
        one
        for one in devices_of(month, program, system)
        if not (fda and one.fda_device is False) and not (sends and one.auto_transmits is False)
    )


def in_period(month: PatientMonth, policy: PolicyView, program: str, system: str = "") -> Devices:
    """Devices whose days may count, and whose period ends in the month."""
    return tuple(one for one in counting(month, policy, program, system) if one.period == "ends_in_month")


def more_days(count: int) -> str:
    """The next step where days of data are missing."""
    return f"{count} more {'day' if count == 1 else 'days'} of data before the period is over"


def _days(ended: Devices, period: int) -> tuple[int, int, bool]:
    """Days of data that are sure, the most that are possible, and whether some device's days are not recorded."""
    known = [one.days_with_data for one in ended if one.days_with_data is not None]
    return max(known, default=0), min(sum(known), period), len(known) < len(ended)


def _enough(month: PatientMonth, policy: PolicyView, program: str, days: tuple[int, int, int], open_: bool) -> Finding:
    """Enough days for the code; too many for it only if several devices sent on different days, or more days follow."""
    sure, possible, most = days
    policy.flag(f"{program}.device.once_for_all_devices")
    within = met(f"{sure} days of data in the period lie within what the code describes")
    if most >= policy.number(f"{program}.device.days_max"):
        return within
    if possible > most:
        return _union(sure, possible)
    if open_:
        return unknown("the days of data of one device are not recorded", "count the days with data of every device")
    if month.month_closed is False and month.died == "no":
        return not_yet(
            f"{sure} days of data are recorded, and more may come before the period is over",
            "bill when the period is over: with more days the longer code describes it",
        )
    return within


def _union(sure: int, possible: int) -> Finding:
    return judgement(
        f"several devices are one supply, and together they sent data on {sure} to {possible} days of the period",
        "count the days on which any of the devices sent data, and record that number for one of them",
    )


def _too_few(month: PatientMonth, policy: PolicyView, program: str, sure: int, least: int, short: str) -> Finding:
    eased = None if short else policy.find(f"{program}.device.covid_days_min")
    if eased is not None and isinstance(eased.value, int) and sure >= eased.value:
        return judgement(
            f"{sure} days of data suffice only for a patient with, or suspected of, COVID-19; otherwise {least} are asked",
            "decide whether the patient had, or was suspected of, COVID-19",
        )
    says = f"the period has {sure} days of data, and the code asks for at least {least}"
    if past_mending(month):
        return unmet(says)
    return not_yet(says, more_days(least - sure))
