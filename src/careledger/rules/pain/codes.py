"""Requirements of chronic pain management."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.common import Rules, billed, paid
from careledger.rules.pain import bundle
from careledger.rules.program import care_plan, consent, minutes
from careledger.rules.rule import Rule

_OWN = "pain.practitioner_time"


def _pain(code: str, own: Rule) -> Rules:
    return (
        *paid(code, "pain"),
        bundle.chronic_pain,
        bundle.first_visit,
        consent.in_force.of("pain"),
        consent.content.of("pain"),
        care_plan.established.of("pain"),
        bundle.validated_scale,
        care_plan.complete.of("pain"),
        care_plan.optional_elements.of("pain"),
        own,
        *billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "G3002": _pain("G3002", minutes.first_unit(_OWN, "pain.own_s", "own")),
    "G3003": _pain("G3003", minutes.add_on_units(_OWN, "pain.own_s", "own")),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {"pain": tuple(REQUIREMENTS)}
