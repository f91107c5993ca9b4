"""The billing practitioner's own time for 99491 and its add-on; staff time never counts here."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import blocks, reached
from careledger.rules.rule import rule

TOPIC = "ccm.practitioner_time"


@rule("ccm.own_s", "ccm.curable_s", "month_closed", "died")
def first_unit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The first unit is earned by the practitioner's own full minutes in the calendar month."""
    policy.flag(f"{TOPIC}.staff_counts")
    return reached(month, "ccm.own_s", policy.number(f"{TOPIC}.first_unit_minutes"), "own")


@rule("ccm.own_s", "ccm.curable_s", "month_closed", "died")
def add_on_units(month: PatientMonth, policy: PolicyView) -> Finding:
    """One add-on unit per further full block of the practitioner's own time, up to the limit."""
    first, each, limit = (
        policy.number(f"{TOPIC}.{name}") for name in ("first_unit_minutes", "add_on_minutes", "add_on_limit")
    )
    return blocks(month, "ccm.own_s", first, each, limit, "own")
