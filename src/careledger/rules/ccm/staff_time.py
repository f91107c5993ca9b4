"""Clinical staff time for 99490 and its add-on; the practitioner's own time may fill the total."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import blocks, reached
from careledger.rules.rule import met, note, rule

TOPIC = "ccm.clinical_staff_time"


@rule("ccm.team_s", "ccm.curable_s", "month_closed", "died")
def first_unit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The first unit is earned by its full minutes in the calendar month."""
    policy.flag("ccm.clinical_staff_time.whole_units_only")
    policy.words("ccm.supervision.clinical_staff_kinds")
    return reached(month, "ccm.team_s", policy.number(f"{TOPIC}.first_unit_minutes"), "staff")


@rule("ccm.team_s", "ccm.curable_s", "month_closed", "died")
def add_on_units(month: PatientMonth, policy: PolicyView) -> Finding:
    """One add-on unit per further full block of staff time, up to the monthly limit."""
    first, each, limit = (
        policy.number(f"{TOPIC}.{name}") for name in ("first_unit_minutes", "add_on_minutes", "add_on_limit")
    )
    return blocks(month, "ccm.team_s", first, each, limit, "staff")


@rule("ccm.patient_contact")
def patient_contact(month: PatientMonth, policy: PolicyView) -> Finding:
    """One contractor pays no month of failed attempts only; Medicare names no monthly contact, so this only warns."""
    asked = policy.value("ccm.time_rules.needs_patient_contact")
    if month.program("ccm").patient_contact is not False or not asked.value:
        return met("some counted contact with patient or caregiver is recorded, or none can be excluded")
    return note(
        "no counted contact with patient or caregiver: Medicare names no monthly contact, one contractor asks",
        "record a contact with the patient, or be ready to show the work",
    )
