"""Which of the three levels describes the patient: chronic conditions, and being a Qualified Medicare Beneficiary."""

from __future__ import annotations

from typing import Literal

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import code_rule, judgement, met, unknown, unmet

TOPIC = "apcm.levels"
Sort = Literal["few", "many", "many_without_risk", "risk_unknown", "unconfirmed"]


@code_rule("chronic_conditions", "chronic_conditions_possible", "significant_risk", "qmb")
def describes(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The level follows the chronic conditions and the beneficiary's status, never the amount."""
    few = policy.text(f"{TOPIC}.level_1_code")
    found = _sort(month, policy)
    undecided = _undecided(policy, found)
    if undecided is not None:
        return undecided
    if found == "few":
        most = policy.number(f"{TOPIC}.level_1_max_chronic_conditions")
        says = f"the patient has at most {most} chronic condition"
        return met(says) if code == few else unmet(says, f"{few} describes the month")
    if code == few:
        need = policy.number(f"{TOPIC}.level_2_chronic_conditions")
        return unmet(f"the patient has at least {need} chronic conditions", "a higher level describes the month")
    return _beneficiary(month, policy, code)


def _sort(month: PatientMonth, policy: PolicyView) -> Sort:
    """How many conditions there are. Reads the conditions, confirmed and possible, and their risk."""
    need = min(policy.number(f"{TOPIC}.level_{level}_chronic_conditions") for level in ("2", "3"))
    policy.number(f"{TOPIC}.expected_months")
    if month.chronic_conditions < need:
        return "unconfirmed" if month.chronic_conditions_possible >= need else "few"
    if month.significant_risk or not policy.flag(f"{TOPIC}.needs_significant_risk"):
        return "many"
    return "risk_unknown" if month.significant_risk is None else "many_without_risk"


def _undecided(policy: PolicyView, found: Sort) -> Finding | None:
    """What stands against every level alike."""
    need, months = (policy.number(f"{TOPIC}.{name}") for name in ("level_2_chronic_conditions", "expected_months"))
    if found == "unconfirmed":
        return unknown(
            f"fewer than {need} chronic conditions are confirmed; of others it is not recorded whether they are chronic, "
            "or how long they last",
            f"record for each condition whether it is chronic and expected to last {months} months",
        )
    if found == "risk_unknown":
        return unknown(
            "it is not recorded whether the chronic conditions place the patient at significant risk",
            "have the practitioner record the risk of death, exacerbation, decompensation or functional decline",
        )
    if found == "many_without_risk":
        return judgement(
            f"the patient has {need} chronic conditions without significant risk, which no level names",
            "the practitioner judges whether the conditions place the patient at significant risk, or the lowest level fits",
        )
    return None


def _beneficiary(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Of a patient with several chronic conditions: the highest level is for Qualified Medicare Beneficiaries."""
    policy.flag(f"{TOPIC}.level_3_needs_qmb")
    policy.flag(f"{TOPIC}.exclusive")
    poor, others = policy.text(f"{TOPIC}.level_3_code"), policy.text(f"{TOPIC}.level_2_code")
    if month.qmb is None:
        return unknown(
            "it is not recorded whether the patient is a Qualified Medicare Beneficiary",
            f"check eligibility and record it: it decides between {others} and {poor}",
        )
    fits = poor if month.qmb else others
    says = f"the patient is {'a' if month.qmb else 'no'} Qualified Medicare Beneficiary with several chronic conditions"
    return met(says) if code == fits else unmet(says, f"{fits} describes the month")
