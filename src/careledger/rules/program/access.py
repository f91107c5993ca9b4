"""What the practice must offer every patient of the program."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import met, program_rule, unknown, unmet


@program_rule("access_24_7")
def day_and_night(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Urgent needs reach a clinician at any hour; an answering machine does not do."""
    if not policy.flag(f"{program}.access.needs_access_24_7"):
        return met("round-the-clock access is not asked for")
    if month.access_24_7 is None:
        return unknown("round-the-clock access is not recorded", "record how a patient reaches a clinician at any hour")
    if month.access_24_7:
        return met("patients reach a clinician 24 hours a day, 7 days a week")
    return unmet("the practice does not offer access to a clinician 24 hours a day, 7 days a week", "arrange it first")


@program_rule("certified_ehr")
def certified_record(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Problems, medications and allergies are recorded in a certified electronic record."""
    if not policy.flag(f"{program}.access.needs_certified_ehr"):
        return met("a certified record is not asked for")
    if month.certified_ehr is None:
        return unknown(
            "it is not recorded whether the electronic record is certified", "record the record's certification"
        )
    if month.certified_ehr:
        return met("the practice records in a certified electronic record")
    return unmet("the practice does not record in a certified electronic record", "adopt a certified record first")
