"""Requirements of advanced primary care management and its behavioral add-ons."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.apcm import behavioral, level, practice
from careledger.rules.behavioral import care, episode
from careledger.rules.common import Rules, agreed, billed
from careledger.rules.program import payer
from careledger.rules.rule import Rule

_PRACTICE = (
    practice.focal_point,
    practice.able_to_furnish_all,
    practice.day_and_night,
    practice.certified_record,
    practice.quality_reporting,
    practice.care_plan,
    practice.some_service,
    practice.some_day_at_home,
)


def _paid(code: str) -> Rules:
    """Without the rule of the setting: rural clinics bill these codes themselves for as long as there are any."""
    return (
        coverage.code_in_force.of(code),
        payer.pays.of("apcm", code),
        coverage.part_b,
        coverage.alive,
        payer.may_bill.of("apcm"),
        coverage.biller_in_us,
    )


def _level(code: str) -> Rules:
    return (*_paid(code), *agreed("apcm"), *_PRACTICE, level.describes.of(code), *billed(code))


def _add_on(code: str, program: str, *own: Rule) -> Rules:
    """The work of a stand-alone behavioral program without its minutes, beside a level by the same practitioner."""
    return (
        *_paid(code),
        *agreed("apcm"),
        care.diagnosis.of(program),
        care.service_was.of(program),
        care.validated_scale.of(program),
        behavioral.documented_without_minutes.of(code),
        *own,
        *billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    **{code: _level(code) for code in ("G0556", "G0557", "G0558")},
    "G0568": _add_on("G0568", "cocm", care.consultant, episode.first_month),
    "G0569": _add_on("G0569", "cocm", care.consultant, episode.later_month),
    "G0570": _add_on("G0570", "bhi"),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "apcm": ("G0556", "G0557", "G0558"),
    "apcm_behavioral": ("G0568", "G0569", "G0570"),
}
