"""Requirements of every code: it exists, somebody pays it, the patient is covered and alive, the biller may bill."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import code_rule, judgement, met, rule, unknown, unmet

MEDICARE_KINDS = ("medicare_ffs", "medicare_advantage")


@code_rule()
def code_in_force(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The code can be used on the date of service."""
    if policy.code(code).exists:
        return met(f"{code} is in force in {month.month}")
    absence = policy.absence(f"codes.{code}.status")
    why = f": {absence.note}" if absence is not None and absence.note else ""
    return unmet(f"{code} is not in force in {month.month}{why}", f"see `careledger policy show {code}` for its dates")


@rule("payer_kind", "part_b")
def part_b(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient is entitled to Medicare Part B in the month."""
    policy.flag("ccm.eligibility.needs_part_b")
    if month.payer_kind not in MEDICARE_KINDS:
        return met("the payer is not Medicare, so Part B is not asked for")
    if month.part_b is False:
        return unmet("the patient has no Part B in the month", "bill whoever covers the patient")
    if month.part_b is None and month.payer_kind == "medicare_ffs":
        return unknown("Part B entitlement is not recorded", "check eligibility and record Part B for the month")
    return met("the patient has Part B")


@rule("died")
def alive(month: PatientMonth, policy: PolicyView) -> Finding:
    """The patient lived in the month; work after death earns nothing."""
    if month.died == "before":
        return unmet("the patient died before the month")
    if month.died == "in_month":
        return met("the patient died in the month: what was done before counts, and the line's date may not be later")
    return met("the patient is alive in the month")


@rule("biller_outside_us")
def biller_in_us(month: PatientMonth, policy: PolicyView) -> Finding:
    """Medicare pays for nothing furnished outside the United States."""
    if month.biller_outside_us and not policy.flag("ccm.supervision.outside_us_counts"):
        return unmet("the practitioner works from outside the United States")
    return met("the practitioner is not recorded as working from outside the United States")


def listed(month: PatientMonth, policy: PolicyView, code: str, topic: str, covered: str = "covered_codes") -> Finding:
    """Does the payer's list pay the code? ``topic`` holds ``covered`` and the answers for what is not listed."""
    if code in policy.words(f"{topic}.{covered}"):
        return met(f"{month.payer} pays {code}")
    refused = policy.find(f"{topic}.not_paid_separately")
    if refused is not None and isinstance(refused.value, tuple) and code in refused.value:
        return unmet(f"{month.payer} does not pay {code} on its own", "the patient may not be billed for it either")
    unlisted_plan = month.plan is not None and month.plan != policy.payer
    answer = policy.text(f"{topic}.when_plan_unlisted" if unlisted_plan else f"{topic}.when_unlisted")
    if answer == "human_decides":
        return judgement(
            f"whether {month.payer} pays {code} is a matter of the plan's contract, and no policy of the plan is held",
            f"ask the plan whether it pays {code}: if it does, every other requirement below still applies",
        )
    return unmet(f"{month.payer} does not pay {code}")
