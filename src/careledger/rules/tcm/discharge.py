"""The discharge: from a facility that counts, to a place in the community, and what became of the patient."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import DischargeMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, note, unknown, unmet
from careledger.rules.tcm.concerned import check


@check()
def left_a_facility(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The patient left an inpatient, observation, partial hospitalization or skilled nursing stay."""
    kind = one.from_kind.replace("_", " ")
    if one.from_kind in policy.words("tcm.discharge.from_kinds"):
        return met(f"the patient was discharged from a stay that counts ({kind})")
    if one.from_kind in policy.words("tcm.discharge.never_from_kinds"):
        return unmet(f"leaving the {kind} department alone is not a discharge that opens transitional care")
    return unmet(f"a discharge from {kind} does not open transitional care")


@check()
def to_the_community(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The patient went home, or to assisted living or the like; whether a nursing facility counts is disputed."""
    if one.to is None:
        return unknown("it is not recorded where the patient went", "record where the patient went on discharge")
    place = one.to.replace("_", " ")
    if one.to in policy.words("tcm.discharge.to_kinds"):
        return met(f"the patient went to a community setting ({place})")
    if one.to in policy.words("tcm.discharge.never_to_kinds"):
        return unmet(f"the patient went to {place}, from which a further discharge follows")
    if one.to in policy.words("tcm.discharge.judgement_to_kinds"):
        return judgement(
            f"the patient went to a {place}: two sources count it as a community setting, one does not name it",
            f"ask the contractor whether a {place} counts; without its word, do not bill",
        )
    return judgement(
        f"no source held here says whether {place} is a community setting",
        "decide whether the patient went home, to a rest home or to assisted living, and record it so",
    )


@check()
def survived(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The patient lived through the thirty days; a line sent earlier is withdrawn when the patient dies in them."""
    days = policy.number("tcm.period.days")
    if one.died_days is not None and policy.flag("tcm.period.death_within_bars"):
        return unmet(
            f"the patient died within {days} days of the discharge, so the service was not completed",
            "bill the visit as the visit it was",
        )
    if not one.period_ends_in_month and policy.flag("tcm.date_of_service.may_send_before_period_end"):
        return note(
            f"the {days} days from the discharge run beyond the month; the line may be sent before they end",
            f"withdraw it if the patient dies within {days} days of the discharge",
        )
    return met(f"no death within {days} days of the discharge is recorded")


@check()
def readmitted(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """A readmission after the visit does not undo the service; one before it leaves a question."""
    days = policy.number("tcm.period.days")
    if one.readmitted_days is None or one.readmitted_days >= days:
        return met(f"no readmission within {days} days of the discharge is recorded")
    if policy.flag("tcm.period.readmission_within_bars"):
        return unmet(f"the patient was readmitted within {days} days of the discharge")
    if one.visit_days is None or one.readmitted_days <= one.visit_days:
        return judgement(
            "the patient was readmitted before the required visit, so the visit may belong to the later discharge",
            "decide which discharge the visit follows: only one transitional service is paid for both",
        )
    return note(
        "the patient was readmitted after the visit: the service stands where its parts were furnished",
        f"a later discharge within {days} days earns no second service",
    )
