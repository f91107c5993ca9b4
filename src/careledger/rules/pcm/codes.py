"""Requirements of principal care management."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules, agreed, at_home, billed, offered, paid, planned
from careledger.rules.pcm import condition
from careledger.rules.program import minutes
from careledger.rules.rule import Rule

_STAFF, _OWN = "pcm.clinical_staff_time", "pcm.practitioner_time"


def _pcm(code: str, own: Rule) -> Rules:
    return (
        *paid(code, "pcm"),
        condition.complex_condition,
        *agreed("pcm"),
        condition.disease_specific_plan,
        *planned("pcm"),
        *offered("pcm"),
        *at_home("pcm"),
        own,
        *billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "99426": _pcm("99426", minutes.first_unit(_STAFF, "pcm.team_s", "staff")),
    "99427": _pcm("99427", minutes.add_on_units(_STAFF, "pcm.team_s", "staff")),
    "99424": _pcm("99424", minutes.first_unit(_OWN, "pcm.own_s", "own")),
    "99425": _pcm("99425", minutes.add_on_units(_OWN, "pcm.own_s", "own")),
    "G2065": _pcm("G2065", minutes.first_unit(_STAFF, "pcm.team_s", "staff")),
    "G2064": _pcm("G2064", minutes.first_unit(_OWN, "pcm.own_s", "own")),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {"pcm": tuple(REQUIREMENTS)}
