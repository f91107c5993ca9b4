"""The required visit: face to face, soon enough for its level, by the biller; and what is done by its day."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import DischargeMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, not_yet, note, unknown, unmet
from careledger.rules.tcm.concerned import check


@check("month_closed", "died")
def soon_enough(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """A face-to-face visit within the days of the level, counted from the day after the discharge."""
    days = policy.number(f"tcm.levels.{level}_visit_days")
    policy.flag("tcm.visit.needs_face_to_face")
    if one.visit_days is None:
        return _no_visit(one, month, days)
    if one.visit_days == 0 and not policy.flag("tcm.visit.discharge_day_visit_counts"):
        return unmet("the only visit was on the day of the discharge, which is not the required visit")
    if 0 <= one.visit_days <= days:
        return met(f"the visit was within {days} days of the discharge")
    return unmet(f"the visit was not within {days} days after the discharge")


@check()
def by_the_biller(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The practitioner who bills made the visit."""
    policy.words("tcm.visit.by_kinds")
    if one.visit_days is None or one.visit_by == "self":
        return met("the visit, if there was one, was made by the practitioner who bills")
    if one.visit_by is None:
        return unknown("it is not recorded who made the visit", "record the practitioner who saw the patient")
    if one.visit_by == "group":
        return judgement(
            "another practitioner of the practice made the visit",
            "bill in the name of who saw the patient, unless the visit was incident to the biller's own care",
        )
    return unmet("a practitioner of another practice made the visit, who alone may bill the service")


@check()
def not_billed_separately(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The required visit is part of the service and is not billed as a visit of its own."""
    if policy.flag("tcm.visit.paid_separately") or one.visit_days is None or one.visit_separate:
        return met("the required visit, if there was one, is not billed as another service")
    if one.visit_separate is None:
        return note("the required visit is part of the service", "do not bill it as a visit as well")
    return unmet(
        "the visit is billed as another service, and the required visit is part of transitional care",
        "bill either the visit or transitional care",
    )


@check()
def medication_reconciled(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """Medication was reconciled no later than the day of the visit."""
    policy.text("tcm.medication.reconciliation_latest")
    if one.reconciled_by_visit:
        return met("medication was reconciled by the day of the visit")
    if one.reconciled_by_visit is False:
        return unmet("medication was reconciled only after the day of the visit")
    if one.visit_days is None:
        return not_yet("medication is to be reconciled by the day of the visit", "reconcile medication by then")
    return unknown(
        "it is not recorded when medication was reconciled",
        "find in the note that it was reconciled by the day of the visit, and record the day",
    )


@check()
def services_without_patient(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """Work without the patient present: discharge information, pending tests, other professionals, education."""
    if not policy.flag("tcm.services.needs_non_face_to_face_services") or one.non_face_to_face_services:
        return met("services without the patient present are recorded, or are not asked for")
    if one.non_face_to_face_services is None:
        return note(
            "services without the patient present (discharge information, pending tests, education) are not recorded",
            "document them, or that they were not needed",
        )
    return unmet(
        "no services without the patient present were furnished",
        "transitional care needs them unless the practitioner documents that they were not needed",
    )


@check("mdm")
def decision_making(one: DischargeMonth, month: PatientMonth, policy: PolicyView, level: str) -> Finding:
    """The practitioner's decision-making was of the level that the code names."""
    levels = policy.words(f"tcm.levels.{level}_mdm_levels")
    named = " or ".join(levels)
    if month.mdm is None:
        return unknown(
            "the complexity of the practitioner's decision-making is not recorded",
            f"have the practitioner record it, if it was {named}",
        )
    if month.mdm in levels:
        return met(f"the practitioner's decision-making was {month.mdm}")
    return unmet(f"the practitioner's decision-making was {month.mdm}, not {named}")


def _no_visit(one: DischargeMonth, month: PatientMonth, days: int) -> Finding:
    if month.died != "no":
        return unmet("no visit after the discharge is recorded, and the patient died")
    if month.month_closed and one.visit_time_ends_in_month:
        return unmet(f"no visit within {days} days of the discharge is recorded, and they are over")
    return not_yet(
        f"no visit within {days} days of the discharge is recorded",
        f"see the patient within {days} days of the discharge; the service belongs to the month of the visit",
    )
