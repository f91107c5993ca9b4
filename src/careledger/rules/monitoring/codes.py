"""Requirements of remote physiologic and remote therapeutic monitoring."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules, billed, paid
from careledger.rules.monitoring import device, patient, set_up, time
from careledger.rules.program import consent, minutes, residence
from careledger.rules.rule import Rule

_SYSTEMS = {
    "respiratory": ("98976", "98984"),
    "musculoskeletal": ("98977", "98985"),
    "cognitive_behavioral": ("98978", "98986"),
}


_WHO: Mapping[str, Rules] = {
    "rpm": (patient.established.of("rpm"),),
    "rtm": (patient.treatment_plan.of("rtm"), patient.therapy_modifier.of("rtm")),
}
"""Who may be monitored, and how: physiologic monitoring asks for an established patient, therapeutic for a plan."""


def _monitored(code: str, program: str, *own: Rule) -> Rules:
    return (
        *paid(code, program),
        *_WHO[program],
        consent.in_force.of(program),
        consent.content.of(program),
        residence.some_day_outside.of(program),
        *own,
        *billed(code),
    )


def _devices(program: str, system: str = "") -> Rules:
    """A device that counts; only physiologic readings must arrive without the patient typing them."""
    sends = (device.sends_by_itself.of(program, system),) if program == "rpm" else ()
    return (device.recorded.of(program, system), device.medical.of(program, system), *sends)


def _set_up(code: str, program: str) -> Rules:
    return _monitored(
        code,
        program,
        *_devices(program),
        set_up.in_month.of(program),
        set_up.once_for_the_episode.of(program),
        set_up.data_followed.of(program),
    )


def _supply(code: str, program: str, system: str = "", *, short: bool = False) -> Rules:
    return _monitored(
        code,
        program,
        *_devices(program, system),
        device.period_ended.of(program, system),
        device.days_of_data.of(program, system, "short" if short else ""),
    )


def _time(code: str, program: str) -> Rules:
    topic, clock = f"{program}.treatment_time", f"{program}.team_s"
    first = minutes.first_unit(topic, clock, "staff")
    return _monitored(code, program, time.medical_device.of(program), first, time.live_talk.of(program))


def _short_time(code: str, program: str) -> Rules:
    topic, clock = f"{program}.treatment_time", f"{program}.team_s"
    first = minutes.first_unit(topic, clock, "staff", "short_minutes")
    rest = (time.below_the_longer.of(program), time.live_talk.of(program))
    return _monitored(code, program, time.medical_device.of(program), first, *rest)


def _further_time(code: str, program: str) -> Rules:
    topic, clock = f"{program}.treatment_time", f"{program}.team_s"
    blocks = minutes.add_on_units(topic, clock, "staff")
    return _monitored(code, program, time.medical_device.of(program), blocks, time.live_talk.of(program))


REQUIREMENTS: Mapping[str, Rules] = {
    "99453": _set_up("99453", "rpm"),
    "99454": _supply("99454", "rpm"),
    "99445": _supply("99445", "rpm", short=True),
    "99457": _time("99457", "rpm"),
    "99458": _further_time("99458", "rpm"),
    "99470": _short_time("99470", "rpm"),
    "99091": _monitored(
        "99091",
        "rpm",
        minutes.first_unit("rpm.data_review", "rpm.own_s", "own"),
        time.review_beside_devices.of("rpm"),
    ),
    "98975": _set_up("98975", "rtm"),
    **{long: _supply(long, "rtm", system) for system, (long, _) in _SYSTEMS.items()},
    **{short: _supply(short, "rtm", system, short=True) for system, (_, short) in _SYSTEMS.items()},
    "98980": _time("98980", "rtm"),
    "98981": _further_time("98981", "rtm"),
    "98979": _short_time("98979", "rtm"),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "rpm": tuple(code for code in REQUIREMENTS if code.startswith("99")),
    "rtm": tuple(code for code in REQUIREMENTS if code.startswith("98")),
}
