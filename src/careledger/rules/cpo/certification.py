"""Certifying and re-certifying home health care; no minutes are counted."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, not_yet, past_mending, professional, rule, unknown, unmet

TOPIC = "cpo.certification"


@rule("biller_kind")
def may_certify(month: PatientMonth, policy: PolicyView) -> Finding:
    """A physician certifies; since March 2020 also a nurse practitioner, physician assistant or nurse specialist."""
    if month.biller_kind in policy.words(f"{TOPIC}.certifier_kinds"):
        return met(f"{professional(month.biller_kind)} may certify home health care")
    return unmet(f"{professional(month.biller_kind)} may not certify home health care in this month")


@rule("home_health.started_in_month")
def certified_in_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """The initial certification of an episode falls in the month."""
    policy.text(f"{TOPIC}.initial_code")
    if month.home_health is None or month.home_health.started_in_month:
        return met("an episode of home health care was certified in the month")
    return unmet("no episode of home health care was first certified in the month")


@rule("home_health.prior_service_within_60_days")
def no_prior_service(month: PatientMonth, policy: PolicyView) -> Finding:
    """No Medicare home health service in the sixty days before the episode."""
    days = policy.number(f"{TOPIC}.prior_service_days")
    prior = month.home_health.prior_service_within_60_days if month.home_health else False
    if prior is None:
        says = f"it is not recorded whether the patient had home health service in the {days} days before"
        return unknown(says, "ask the agency, and record the earlier episode or that there was none")
    if prior:
        recertification = policy.text(f"{TOPIC}.recertification_code")
        return unmet(
            f"the patient had home health service in the {days} days before", f"{recertification} may fit instead"
        )
    return met(f"the patient had no home health service in the {days} days before")


@rule("home_health.recertified_in_month", "month_closed", "died")
def recertified_in_month(month: PatientMonth, policy: PolicyView) -> Finding:
    """A re-certification was signed in the month."""
    policy.number(f"{TOPIC}.recertification_interval_days")
    if month.home_health is None or month.home_health.recertified_in_month:
        return met("home health care was re-certified in the month")
    if past_mending(month):
        return unmet("no re-certification was signed in the month")
    return not_yet(
        "no re-certification is recorded in the month", "record the day it was signed, if it falls in the month"
    )


@rule("home_health.days_of_service")
def served_long_enough(month: PatientMonth, policy: PolicyView) -> Finding:
    """Re-certification follows a full first period of service."""
    days = policy.number(f"{TOPIC}.min_days")
    if month.home_health is None or month.home_health.days_of_service >= days:
        return met(f"the patient was served for at least {days} days")
    return unmet(f"the patient has been served for less than {days} days", "the first period's certification is G0180")
