"""One transitional service: of the level that describes it, for one discharge, one in thirty days, outside a surgery's days."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, rule, unmet


@rule("discharges", "mdm")
def not_the_higher_level(month: PatientMonth, policy: PolicyView) -> Finding:
    """A visit soon enough with decision-making of the higher level is billed as the higher level."""
    higher, days = policy.text("tcm.levels.high_code"), policy.number("tcm.levels.high_visit_days")
    if month.mdm in policy.words("tcm.levels.high_mdm_levels") and all(
        one.visit_days is not None and one.visit_days <= days for one in month.discharges
    ):
        return unmet(f"a visit within {days} days with {month.mdm} decision-making is {higher}", f"bill {higher}")
    policy.text("tcm.levels.when_seen_early_but_moderate")
    return met(f"the visit and the decision-making together do not make {higher}")


@rule("billed_before")
def no_earlier_period(month: PatientMonth, policy: PolicyView) -> Finding:
    """No transitional care was billed shortly before, whose thirty days may reach this discharge."""
    days = policy.number("tcm.period.days")
    policy.number("tcm.period.paid_per_period")
    codes = (policy.text("tcm.levels.moderate_code"), policy.text("tcm.levels.high_code"))
    if not any(service.code in codes for service in month.billed_before):
        return met(f"no transitional care was billed in the {days} days before the month")
    return judgement(
        f"transitional care was billed in the {days} days before the month, and one is paid in {days} days",
        f"compare the days of the two discharges: bill only if they lie at least {days} days apart",
    )


@rule("discharges")
def one_discharge(month: PatientMonth, policy: PolicyView) -> Finding:
    """Of several discharges seen in a month one is billed, unless they lie thirty days apart."""
    days = policy.number("tcm.period.days")
    policy.number("tcm.one_practitioner.paid_per_discharge")
    seen = [one for one in month.discharges if one.visit_days is not None]
    if len(seen) < 2 or policy.flag("tcm.period.second_discharge_within_paid"):
        return met("no second discharge was followed by a visit in the month")
    return judgement(
        f"visits after {len(seen)} discharges lie in the month, and one service is paid in {days} days",
        "choose the discharge to bill, on the day of its visit; a second line is paid only for a discharge "
        f"at least {days} days after the other",
    )


@rule("in_global_period")
def no_global_period(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practitioner whose surgery's global period runs does not bill transitional care."""
    if policy.flag("tcm.one_practitioner.global_period_bars") and month.in_global_period:
        return unmet(
            "the month lies in the global period of a surgery by the practitioner, whose payment holds the care"
        )
    return met("no surgery of the practitioner's is recorded to cover the month")
