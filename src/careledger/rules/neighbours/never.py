"""Codes that Medicare does not pay whatever was done: prolonged service without contact, team conferences."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.coverage import MEDICARE_KINDS
from careledger.rules.rule import code_rule, judgement, met, unmet

TOPIC = "never.medicare"
_STATUS = {"B": "bundled into other services", "I": "not valid for Medicare"}


@code_rule("payer", "payer_kind", "plan")
def pays(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Medicare does not pay the code; another payer may by its contract."""
    if code not in policy.words(f"{TOPIC}.codes"):
        return met(f"{code} is not among the codes that Medicare never pays in this month")
    if month.payer_kind not in MEDICARE_KINDS or month.plan is not None:
        return judgement(
            f"Medicare never pays {code}; whether {month.payer} does is a matter of its contract, which is not held",
            f"ask the plan whether it pays {code}, and what it asks for",
        )
    why = _STATUS.get(policy.code(code).status or "", "not paid")
    return unmet(f"Medicare never pays {code}: it is {why}", _instead(policy, code))


@code_rule()
def held_here(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """While Medicare paid prolonged service, it had conditions that are not held here."""
    if code not in policy.words(f"{TOPIC}.paid_until_2022"):
        return met(f"nothing further is asked of {code}")
    return judgement(
        f"Medicare paid {code} in {month.month}, and what it asks for is not held here",
        "have a person hold the practitioner's note against the code book of that year",
    )


def _instead(policy: PolicyView, code: str) -> str:
    bundled = policy.flag(f"{TOPIC}.conference_time_is_bundled")
    if bundled and policy.code(code).status == "B":
        return "count the conference's minutes in the care management they belong to, where its rules let them count"
    return "log the minutes to the care management they belong to"
