"""Complex CCM: more staff time, and the practitioner's documented decision-making. Never chosen by amount."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.clock import blocks, reached
from careledger.rules.rule import met, not_yet, past_mending, rule, unknown, unmet

TOPIC = "ccm.complex"


@rule("ccm.team_s", "ccm.curable_s", "month_closed", "died")
def first_unit(month: PatientMonth, policy: PolicyView) -> Finding:
    """The first unit is earned by its full minutes in the calendar month."""
    policy.flag(f"{TOPIC}.whole_units_only")
    return reached(month, "ccm.team_s", policy.number(f"{TOPIC}.first_unit_minutes"), "staff")


@rule("ccm.team_s", "ccm.curable_s", "month_closed", "died")
def add_on_units(month: PatientMonth, policy: PolicyView) -> Finding:
    """One add-on unit per further full block of staff time; it may repeat in a month."""
    first, each, limit = (
        policy.number(f"{TOPIC}.{name}") for name in ("first_unit_minutes", "add_on_minutes", "add_on_limit")
    )
    return blocks(month, "ccm.team_s", first, each, limit, "staff")


@rule("mdm")
def decision_making(month: PatientMonth, policy: PolicyView) -> Finding:
    """The practitioner's decision-making in the month was moderate or high, and is documented."""
    levels = policy.words(f"{TOPIC}.mdm_levels")
    named = " or ".join(levels)
    if month.mdm is None:
        return unknown(
            "the complexity of the practitioner's decision-making in the month is not recorded",
            f"have the practitioner record it, if it was {named}; minutes alone never make CCM complex",
        )
    if month.mdm in levels:
        return met(f"the practitioner's decision-making in the month was {month.mdm}")
    return unmet(f"the practitioner's decision-making in the month was {month.mdm}, not {named}")


@rule("ccm.plan_revision", "month_closed", "died")
def plan_revised(month: PatientMonth, policy: PolicyView) -> Finding:
    """Until 2020 the plan had to be established or substantially revised in the month."""
    if not policy.flag(f"{TOPIC}.needs_plan_revision"):
        return met("no revision of the care plan in the month is asked for")
    revision = month.program("ccm").plan_revision
    if revision == "substantial":
        return met("the care plan was established or substantially revised in the month")
    if revision is None:
        says = "it is not recorded that the care plan was established or substantially revised in the month"
        return unknown(says, "record the plan's revision and its extent")
    says = "the care plan was not substantially revised in the month"
    return (
        unmet(says)
        if past_mending(month)
        else not_yet(says, f"revise it by {month.month.last_on}, if the patient needs it")
    )


@rule("mdm", "ccm.team_s", "ccm.plan_revision")
def not_complex(month: PatientMonth, policy: PolicyView) -> Finding:
    """A month that meets complex CCM is billed as complex, even where the plainer codes would pay more."""
    base, target = policy.text(f"{TOPIC}.base_code"), policy.number(f"{TOPIC}.first_unit_minutes") * 60
    program = month.program("ccm")
    if month.mdm not in policy.words(f"{TOPIC}.mdm_levels") or program.team_s < target:
        return met(f"the month does not meet {base}")
    if policy.flag(f"{TOPIC}.needs_plan_revision") and program.plan_revision != "substantial":
        return met(f"the month does not meet {base}: no substantial revision of the plan is recorded")
    return unmet(
        "the month meets complex CCM: the code follows the documented decision-making, never the amount",
        f"bill {base}",
    )
