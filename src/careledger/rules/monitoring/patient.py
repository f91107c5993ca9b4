"""Who may be monitored, and what else the practice heeds."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.program import initiating_visit
from careledger.rules.rule import met, note, program_rule


@program_rule("{program}.initiating", "month_closed", "died")
def established(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The patient is established with the practitioner, unless the emergency waived it or policy does not ask."""
    if not policy.flag(f"{program}.eligibility.needs_established_patient"):
        return met("an established patient is not asked for")
    return initiating_visit.held.test(month, policy, program)


@program_rule("{program}.plan_exists")
def treatment_plan(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Therapeutic monitoring follows a treatment plan of the billing practitioner; no established patient is asked for."""
    policy.flag(f"{program}.eligibility.needs_established_patient")
    if not policy.flag(f"{program}.eligibility.needs_treatment_plan") or month.program(program).plan_exists:
        return met("a treatment plan is recorded, or none is asked for")
    return note(
        "no treatment plan is recorded, which therapeutic monitoring is expected to follow",
        "have the plan of the billing practitioner in the record",
    )


@program_rule("biller_kind")
def therapy_modifier(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Under a plan of therapy the line carries the therapy's modifier."""
    if month.biller_kind not in policy.words(f"{program}.therapy.biller_kinds"):
        return met("no modifier of therapy is asked for")
    modifiers = ", ".join(policy.words(f"{program}.therapy.therapy_modifiers"))
    return note("under a plan of therapy the line carries the modifier of the therapy", f"add the one of {modifiers}")
