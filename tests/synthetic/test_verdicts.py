"""What the month's close says of the synthetic clinic is what each patient's situation says must come out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careledger.core.month import Month
from careledger.engine.decide import decide
from careledger.facts import case_facts
from careledger.policy import load_policy
from careledger.synthetic.clinic import Clinic, make_clinic

Bills = dict[str, int]


def billed(clinic: Clinic) -> dict[str, Bills]:
    """Patient to the codes and units that facts and rules allow, after the month is over."""
    policy, month = load_policy(), clinic.month
    facts = case_facts(clinic.records, month, policy, as_of=month.last_on + timedelta(days=3))
    found = {}
    for case in facts:
        decided = decide(case.month, policy.on(month.last_on, payer=case.month.payer))
        found[case.month.patient] = {decision.code: decision.units for decision in decided.billed()}
    return found


@pytest.mark.parametrize(
    ("seed", "month"),
    [(1, "2026-10"), (2, "2026-10"), (3, "2026-03"), (4, "2026-11"), (5, "2026-02"), (6, "2024-02"), (7, "2025-12")],
)
def test_every_patient_is_decided_as_its_situation_says(seed: int, month: str) -> None:
    clinic = make_clinic(seed, Month.parse(month))
    found = billed(clinic)
    wrong = {
        (label.patient_id, label.situation): found[label.patient_id]
        for label in clinic.labels
        if found[label.patient_id] != label.bills
    }
    assert wrong == {}
    assert sum(1 for bills in found.values() if bills) > 90
