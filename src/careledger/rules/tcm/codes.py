"""Requirements of transitional care management."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.common import Rules, billed
from careledger.rules.program import payer
from careledger.rules.rule import Rule
from careledger.rules.tcm import contact, discharge, once, visit
from careledger.rules.tcm.concerned import rules_of

_OF_DISCHARGE = (
    discharge.left_a_facility,
    discharge.to_the_community,
    contact.in_time,
    contact.by_whom,
    visit.soon_enough,
    visit.by_the_biller,
    visit.not_billed_separately,
    visit.medication_reconciled,
    visit.services_without_patient,
    visit.decision_making,
    discharge.survived,
    discharge.readmitted,
)


def _transition(code: str, level: str, *own: Rule) -> Rules:
    return (
        coverage.code_in_force.of(code),
        payer.pays.of("tcm", code),
        coverage.part_b,
        coverage.alive,
        payer.may_bill.of("tcm"),
        coverage.biller_in_us,
        *rules_of(_OF_DISCHARGE, level),
        *own,
        once.one_discharge,
        once.no_earlier_period,
        once.no_global_period,
        *billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "99495": _transition("99495", "moderate", once.not_the_higher_level),
    "99496": _transition("99496", "high"),
}

TOUCHED: Mapping[str, tuple[str, ...]] = {"tcm": ("99495", "99496")}
