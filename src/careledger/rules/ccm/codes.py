"""Requirements of chronic care management."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules.ccm import complex, eligibility, extra_planning, practitioner_time, staff_time
from careledger.rules.common import Rules, agreed, at_home, billed, offered, paid, planned
from careledger.rules.rule import Rule

_ELIGIBLE = (eligibility.chronic_conditions, eligibility.significant_risk)
_DOCUMENTED = (*agreed("ccm"), *planned("ccm"), *offered("ccm"), *at_home("ccm"))


def _ccm(code: str, *own: Rule) -> Rules:
    return (*paid(code, "ccm"), *_ELIGIBLE, *_DOCUMENTED, *own, *billed(code))


REQUIREMENTS: Mapping[str, Rules] = {
    "99490": _ccm("99490", staff_time.first_unit, complex.not_complex, staff_time.patient_contact),
    "99439": _ccm("99439", staff_time.add_on_units, complex.not_complex),
    "G2058": _ccm("G2058", staff_time.add_on_units, complex.not_complex),
    "99491": _ccm("99491", practitioner_time.first_unit, staff_time.patient_contact),
    "99437": _ccm("99437", practitioner_time.add_on_units),
    "99487": _ccm(
        "99487", complex.decision_making, complex.plan_revised, complex.first_unit, staff_time.patient_contact
    ),
    "99489": _ccm("99489", complex.decision_making, complex.plan_revised, complex.add_on_units),
    "G0506": (
        *paid("G0506", "ccm"),
        *_ELIGIBLE,
        extra_planning.at_initiating_visit,
        extra_planning.once,
        extra_planning.patient_enters_ccm,
        *billed("G0506"),
    ),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "ccm": ("99490", "99439", "G2058", "99491", "99437", "99487", "99489"),
}
