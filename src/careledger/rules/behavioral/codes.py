"""Requirements of general behavioral health integration and of collaborative care."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.behavioral import care, episode, psychologist, time
from careledger.rules.common import Rules, agreed, billed, paid
from careledger.rules.program import consent, minutes, payer
from careledger.rules.rule import Rule


def _work(program: str) -> Rules:
    """What the care of the month was, and that it is documented."""
    return (
        care.diagnosis.of(program),
        care.service_was.of(program),
        care.validated_scale.of(program),
        care.documented.of(program),
    )


def _collaborative(code: str, *own: Rule) -> Rules:
    return (*paid(code, "cocm"), *agreed("cocm"), *_work("cocm"), care.consultant, *own, *billed(code))


_GENERAL_TIME = minutes.first_unit("bhi.clinical_staff_time", "bhi.team_s", "staff")
_PSYCHOLOGIST_TIME = minutes.first_unit("bhi.psychologist_time", "bhi.team_s", "staff")

REQUIREMENTS: Mapping[str, Rules] = {
    "99484": (*paid("99484", "bhi"), *agreed("bhi"), *_work("bhi"), _GENERAL_TIME, *billed("99484")),
    "G0323": (
        coverage.code_in_force.of("G0323"),
        payer.pays.of("bhi", "G0323"),
        coverage.part_b,
        coverage.alive,
        psychologist.may_bill,
        coverage.biller_in_us,
        payer.from_this_setting.of("bhi"),
        psychologist.opened,
        consent.in_force.of("bhi"),
        consent.content.of("bhi"),
        *_work("bhi"),
        _PSYCHOLOGIST_TIME,
        *billed("G0323"),
    ),
    "99492": _collaborative("99492", episode.first_month, time.first_month, time.midpoint),
    "99493": _collaborative("99493", episode.later_month, time.later_month, time.midpoint),
    "99494": _collaborative("99494", time.add_on_units),
    "G2214": _collaborative("G2214", time.short_month, time.below_the_full_month),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "bhi": ("99484", "G0323"),
    "cocm": ("99492", "99493", "99494", "G2214"),
}
