"""Requirements of community health integration and illness navigation."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules, agreed, billed, paid
from careledger.rules.community import need, workers
from careledger.rules.program import minutes, residence
from careledger.rules.rule import Rule

_INTEGRATION, _NAVIGATION = "chi.auxiliary_time", "pin.auxiliary_time"


def _integration(code: str, time: Rule) -> Rules:
    return (
        *paid(code, "chi"),
        need.no_home_health_plan.of("chi"),
        *agreed("chi"),
        need.social_need,
        workers.trained.of("chi"),
        residence.some_day_outside.of("chi"),
        time,
        *billed(code),
    )


def _navigation(code: str, *own: Rule) -> Rules:
    return (
        *paid(code, "pin"),
        need.no_home_health_plan.of("pin"),
        need.serious_condition,
        *agreed("pin"),
        workers.trained.of("pin"),
        residence.some_day_outside.of("pin"),
        *own,
        *billed(code),
    )


def _peer(code: str, time: Rule) -> Rules:
    return _navigation(code, need.behavioral_condition, workers.by_peers, time)


_FIRST, _EACH = "peer_first_unit_minutes", "peer_add_on_minutes"

REQUIREMENTS: Mapping[str, Rules] = {
    "G0019": _integration("G0019", minutes.first_unit(_INTEGRATION, "chi.staff_s", "staff")),
    "G0022": _integration("G0022", minutes.add_on_units(_INTEGRATION, "chi.staff_s", "staff")),
    "G0023": _navigation("G0023", workers.by_navigators, minutes.first_unit(_NAVIGATION, "pin.staff_s", "staff")),
    "G0024": _navigation("G0024", workers.by_navigators, minutes.add_on_units(_NAVIGATION, "pin.staff_s", "staff")),
    "G0140": _peer("G0140", minutes.first_unit(_NAVIGATION, "pin.staff_s", "staff", _FIRST)),
    "G0146": _peer("G0146", minutes.add_on_units(_NAVIGATION, "pin.staff_s", "staff", _FIRST, _EACH)),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "chi": ("G0019", "G0022"),
    "pin": ("G0023", "G0024", "G0140", "G0146"),
}
