"""Virtual communication in rural clinics and health centers: one code until 2025 for check-ins, images and online visits."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, rule


@rule()
def contact(month: PatientMonth, policy: PolicyView) -> Finding:
    """What the contact was, how long it took and which visits lay near it is not recorded here."""
    code, least = policy.text("rural.virtual.code"), policy.number("contacts.check_in.minutes_min")
    days, hours = (
        policy.number("contacts.check_in.no_visit_days_before"),
        policy.number("contacts.check_in.no_visit_hours_after"),
    )
    return judgement(
        f"{code} is for {least} minutes and more, not within {days} days after nor {hours} hours before a visit on the "
        "matter, and no record here holds such a contact",
        "have a person check the note's minutes and the visits around it",
    )
