"""The general code: one code for several services, as often in a month as policy allows."""

from __future__ import annotations

from dataclasses import replace

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.coverage import listed
from careledger.rules.rule import NAMES, Rule, code_rule, judgement, met, note, rule, unmet
from careledger.rules.rural.services import READS, services

TOPIC = "rural.general"


@code_rule("payer", "plan")
def pays(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The payer pays the general codes of rural clinics and health centers."""
    return listed(month, policy, code, "rural.payers")


@code_rule("setting")
def setting(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The general codes belong to rural health clinics and federally qualified health centers alone."""
    policy.text(f"{TOPIC}.claim_form")
    if month.setting in policy.words(f"{TOPIC}.settings"):
        return met(f"{code} is a code of the clinic's, on its institutional claim")
    return unmet(
        f"{code} is for rural health clinics and federally qualified health centers, not for a practice of kind "
        f"{month.setting}",
        "bill the service's own code",
    )


@rule()
def at_choice(month: PatientMonth, policy: PolicyView) -> Finding:
    """For some months the clinic may choose between the general code and the individual codes."""
    individual = policy.words("rural.individual.programs")
    policy.text("rural.individual.claim_form")
    if not policy.has(f"{TOPIC}.optional_since") or not individual:
        return met("the general code is the clinic's only code for these services")
    rate = policy.text("rural.individual.rate").replace("_", " ")
    apart = "; advanced primary care or the individual codes" if policy.flag(_EITHER) else ""
    return note(
        f"in this month the clinic may bill the individual codes at the {rate} rate instead{apart}",
        "choose one way for all services of the clinic's patients",
    )


_EITHER = "rural.individual.either_apcm_or_individual"


def _earned(month: PatientMonth, policy: PolicyView) -> Finding:
    """One unit for each service whose own requirements are met, as often in a month as policy allows."""
    policy.number(f"{TOPIC}.first_unit_minutes")
    programs, most = policy.words(f"{TOPIC}.programs"), policy.number(f"{TOPIC}.times_per_month")
    code = policy.text(f"{TOPIC}.code")
    is_billed = code in month.billed_by("self")
    if is_billed and most == 1:
        return unmet(
            f"{code} was already billed for this month, and is paid once",
            "send a corrected claim if the first one was wrong, never a second one",
        )
    found = services(month, policy, programs)
    earned = [service.program for service in found if not service.against]
    if is_billed and len(earned) > 1:
        return judgement(
            f"{code} was already billed for this month, and the month earns {_named(earned)}",
            f"find out for which of them it was billed; each is paid once, and all at most {most} times",
        )
    if is_billed and earned:
        return unmet(f"{code} was already billed for the service that the month earned: {_named(earned)}")
    if earned:
        units = min(len(earned), most)
        return met(f"the month earns {_named(earned)}; paid at most {most} in a month", units=units)
    if not found:
        return unmet(f"nothing is recorded of a service for which {code} stands: {_named(programs)}")
    nearest = min(found, key=lambda service: service.distance)
    return replace(nearest.reason, rule="", says=f"{NAMES[nearest.program]}: {nearest.reason.says}")


def _named(programs: tuple[str, ...] | list[str]) -> str:
    return ", ".join(NAMES[program] for program in programs)


earned = Rule("rural.general.earned", (*READS, "billed"), (_earned.__doc__ or "").strip(), _earned)
