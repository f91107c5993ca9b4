"""Monthly and daily dialysis care: known here so that other management is not billed beside it."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.conflicts import BY
from careledger.rules.rule import code_rule, judgement, met, unmet

TOPIC = "esrd.monthly"


@code_rule("billed")
def once_a_month(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """One monthly code is paid for a patient's month, to one practitioner, and no daily code beside it."""
    monthly, daily = policy.words(f"{TOPIC}.monthly_codes"), policy.words(f"{TOPIC}.daily_codes")
    paid, bars = policy.number(f"{TOPIC}.paid_per_month"), policy.flag(f"{TOPIC}.monthly_bars_daily")
    for service in month.billed:
        if service.code in monthly and (code in monthly or bars):
            return unmet(
                f"{service.code} was billed for the month by {BY[service.relation]}, and {paid} monthly code is paid",
                "send a corrected claim if the code billed was the wrong one",
            )
        if service.code in daily and code in monthly and bars:
            return unmet(
                f"dialysis care of the month was billed by the day ({service.code}) by {BY[service.relation]}",
                "bill the month or its days, not both",
            )
    return met("no monthly dialysis code was billed for the month")


@code_rule("billed")
def beside_management(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The monthly payment holds the management that CCM and principal care management pay for."""
    barred = [name for name in ("ccm", "pcm") if policy.flag(f"{TOPIC}.bars_{name}_by_same_practitioner")]
    for service in month.billed:
        if service.relation == "self" and policy.code(service.code).program in barred:
            return unmet(
                f"{service.code} was billed for the month by the same practitioner, and dialysis care holds that work",
                f"withdraw {service.code}, or do not bill the dialysis month",
            )
    return met("no care management billed for the month by the practitioner stands against dialysis care")


@code_rule()
def visits_counted(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Which dialysis code fits depends on age, place and the visits of the month, which are not recorded here."""
    home = code in policy.words(f"{TOPIC}.home_codes")
    most = policy.number(f"{TOPIC}.visits_most")
    age = "an adult" if code in policy.words(f"{TOPIC}.adult_codes") else "a child of the code's age"
    if code in policy.words(f"{TOPIC}.daily_codes"):
        what = f"{code} is for the days of {age} outside a whole month's care"
    elif home:
        what = f"{code} is for a whole month of dialysis at home of {age}"
    else:
        what = f"{code} depends on the visits of the month (up to {most} tell the codes apart) and is for {age}"
    return judgement(f"dialysis itself is not recorded here: {what}", "have a person choose the code from the record")
