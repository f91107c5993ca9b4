"""The CPT oversight codes, where a payer recognises them."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import reached
from careledger.rules.rule import code_rule, met, unknown, unmet


@code_rule("cpo.own_s", "cpo.curable_s", "month_closed", "died")
def minutes(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The lower code is for less than the upper one's minutes, the upper for those and more."""
    low, high = policy.number("cpo.cpt.minutes_low"), policy.number("cpo.cpt.minutes_high")
    policy.flag("cpo.cpt.counts_staff")
    if code not in policy.words("cpo.cpt.low_codes"):
        return reached(month, "cpo.own_s", high, "own")
    if month.program("cpo").own_s >= high * 60:
        return unmet(
            f"{code} is for less than {high} minutes, and the month has more", "the code for more minutes fits"
        )
    return reached(month, "cpo.own_s", low, "own")


@code_rule("home_health.kind", "hospice.kind", "residence")
def patient_of(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Each pair of codes is for one kind of patient: home health, hospice or nursing facility."""
    if code in policy.words("cpo.cpt.nursing_facility_codes"):
        return _resident(month)
    home = code in policy.words("cpo.cpt.home_health_codes")
    agency, kind = (month.home_health, "home health agency") if home else (month.hospice, "hospice")
    if agency is None:
        return unknown(f"no service by a {kind} is recorded in the month", f"record the episode with the {kind}")
    return met(f"the patient is served by a {kind}")


def _resident(month: PatientMonth) -> Finding:
    if month.residence is None:
        return unknown("it is not recorded where the patient lives", "record where the patient lives")
    if month.residence in ("nursing_facility", "snf"):
        return met("the patient lives in a nursing facility")
    return unmet("the patient does not live in a nursing facility")
