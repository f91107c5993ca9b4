"""Requirements of the general codes of rural clinics and health centers.

The general code stands for a service of several programs, so it asks what that service's own code asks. The individual
codes, where these clinics bill them, are in their own families.
"""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.behavioral import care
from careledger.rules.common import Rules, agreed, billed
from careledger.rules.conflicts import beside_what_is_billed
from careledger.rules.program import payer
from careledger.rules.rural import collaborative, general, virtual


def _of_the_clinic(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        general.pays.of(code),
        coverage.part_b,
        coverage.alive,
        general.setting.of(code),
        coverage.biller_in_us,
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "G0511": (*_of_the_clinic("G0511"), general.at_choice, general.earned, beside_what_is_billed.of("G0511")),
    "G0512": (
        *_of_the_clinic("G0512"),
        payer.may_bill.of("cocm"),
        *agreed("cocm"),
        care.diagnosis.of("cocm"),
        care.service_was.of("cocm"),
        care.validated_scale.of("cocm"),
        care.documented.of("cocm"),
        care.consultant,
        collaborative.minutes,
        collaborative.not_beside_general,
        *billed("G0512"),
    ),
    "G0071": (*_of_the_clinic("G0071"), virtual.contact, *billed("G0071")),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {"rural": ("G0511",), "rural_collaborative": ("G0512",)}
