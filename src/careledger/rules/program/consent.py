"""The patient's documented agreement to the program."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import NAMES, met, not_yet, past_mending, program_rule, unknown, unmet

_TOLD = {
    "availability": "that the service is available",
    "cost_sharing": "what it costs the patient",
    "one_practitioner": "that one practitioner is paid for it in a month",
    "right_to_stop": "the right to stop at any time",
    "specialist_consultation": "that specialists may be consulted",
}


@program_rule("{program}.consent", "month_closed", "died")
def in_force(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Consent, verbal or written, given to this practitioner and documented before the first minute that counts."""
    state = month.program(program).consent
    if not _needed(policy, program):
        return met(f"no consent to {NAMES[program]} is asked for")
    policy.words(f"{program}.consent.forms")
    policy.flag(f"{program}.consent.renewed_yearly")
    if state == "in_force":
        return met("consent is documented and in force; once is enough, verbal or written")
    if state == "not_documented":
        return unknown(
            "consent was given, but no record documents it", "document the consent: day, form, what was said"
        )
    if state == "revoked":
        return unmet("consent was revoked and the month of revocation is over", "a new consent opens a later month")
    return _lacking(month, state, NAMES[program])


@program_rule("{program}.consent_lacks", "month_closed", "died")
def content(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """The patient was told everything that consent to {name} rests on."""
    if not _needed(policy, program):
        return met("nothing is to be said before a consent that is not asked for")
    required = policy.words(f"{program}.consent.required_statements")
    lacks = month.program(program).consent_lacks
    if not lacks:
        return met("the patient was told everything consent rests on")
    if lacks == ("unknown",):
        told = ", ".join(_TOLD.get(statement, statement.replace("_", " ")) for statement in required)
        return unknown("it is not recorded what the patient was told", f"record that the patient was told {told}")
    missing = ", ".join(_TOLD.get(statement, statement.replace("_", " ")) for statement in lacks)
    says = f"no record shows that the patient was told {missing}"
    if past_mending(month):
        return unmet(says, "complete the consent for coming months")
    return not_yet(says, f"tell the patient {missing}, and document it, by {month.month.last_on}")


def _lacking(month: PatientMonth, state: str, name: str) -> Finding:
    says = {
        "none": f"no consent to {name} is recorded",
        "other_practitioner": "consent was given to another practitioner; a new one is needed",
        "later": "consent was given after the work of the month; only what follows consent counts",
    }[state]
    if past_mending(month):
        return unmet(says, "obtain consent for coming months")
    if state == "later":
        return not_yet(says, f"minutes after the consent count until {month.month.last_on}")
    return not_yet(says, f"obtain and document consent by {month.month.last_on}; minutes before it do not count")


def _needed(policy: PolicyView, program: str) -> bool:
    """Consent is asked for, unless the program's policy says that it is not."""
    asked = policy.find(f"{program}.consent.needed")
    return asked is None or asked.value is True
