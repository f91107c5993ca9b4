"""Contacts at a distance: telephone, online and brief check-in.

No record here holds such a contact's minutes or the visits around it, so at best a person decides; what stands against a
code for certain is said without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules import coverage
from careledger.rules.coverage import MEDICARE_KINDS, listed
from careledger.rules.rule import Rule, code_rule, judgement, met, professional, unmet

PRACTITIONER_CALLS = ("99441", "99442", "99443")
OTHER_CALLS = ("98966", "98967", "98968")
PRACTITIONER_ONLINE = ("99421", "99422", "99423")
OTHER_ONLINE = ("98970", "98971", "98972")
CHECK_INS = ("G2012", "98016")
CODES = (*PRACTITIONER_CALLS, *OTHER_CALLS, *PRACTITIONER_ONLINE, *OTHER_ONLINE, *CHECK_INS)

_BY_PRACTITIONER = (*PRACTITIONER_CALLS, *PRACTITIONER_ONLINE, *CHECK_INS)
_PLACES = ("short", "middle", "long")


def in_force(code: str) -> Rule:
    """The rule that the code can be used on the date of service; where it cannot, the next step names what stands instead."""
    plain = coverage.code_in_force.of(code)

    def test(month: PatientMonth, policy: PolicyView) -> Finding:
        found = plain(month, policy)
        instead = None if found.outcome == "met" else _instead(policy, code)
        return found if instead is None else replace(found, next_step=instead)

    return Rule(plain.id, plain.reads, plain.says, test)


@code_rule("payer", "plan")
def pays(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The payer pays the code; another payer than Medicare may pay a share of charges only."""
    found = listed(month, policy, code, "contacts.payers")
    share = policy.find("contacts.payers.expected_percent_of_charges")
    if share is None or found.outcome != "judgement":
        return found
    return judgement(f"{found.says}; about {share.value}% of charges is what such codes brought", str(found.next_step))


@code_rule("payer_kind")
def covered(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Medicare covered telephone codes from the emergency on."""
    whose = {**dict.fromkeys(PRACTITIONER_CALLS, "practitioner"), **dict.fromkeys(OTHER_CALLS, "non_physician")}
    if code not in whose or month.payer_kind not in MEDICARE_KINDS:
        return met("no day from which Medicare covers telephone codes matters")
    if policy.flag(f"contacts.telephone.medicare_pays_{whose[code]}"):
        return met("Medicare covers the telephone code in this month")
    return unmet("Medicare did not cover telephone codes in this month", "the call is in the payment of other services")


@code_rule("setting")
def from_this_setting(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Rural clinics and health centers billed contacts by one code of their own until 2025, and since then by some."""
    if month.setting not in policy.words("rural.general.settings"):
        return met(f"contacts at a distance may be billed from a practice of kind {month.setting}")
    individual = policy.find("rural.virtual.individual_codes")
    if individual is not None and isinstance(individual.value, tuple) and code in individual.value:
        return met(f"rural health clinics and health centers bill {code}")
    general = policy.find("rural.virtual.code")
    if general is None:
        return unmet(f"rural health clinics and health centers cannot bill {code} in this month by any code")
    return unmet(f"rural health clinics and health centers bill {general.value} instead in this month")


@code_rule("biller_kind")
def by_whom(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Some codes are for those who may bill visits, the others for professionals who may not."""
    visits = month.biller_kind in policy.words("contacts.billers.visit_kinds")
    if visits == (code in _BY_PRACTITIONER):
        return met(f"{professional(month.biller_kind)} may bill {code}")
    if visits:
        return unmet(f"{code} is for professionals who cannot bill visits, which {professional(month.biller_kind)} can")
    return unmet(f"{code} is for practitioners who can bill visits, which {professional(month.biller_kind)} cannot")


@code_rule()
def minutes(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Each code is for a contact of so many minutes, which no record here holds."""
    span = _span(policy, code)
    return judgement(
        f"how long the contact lasted is not recorded here: {code} is for {span}", "check the note's minutes"
    )


@code_rule()
def apart_from_visits(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """A contact of an established patient, apart from any visit on the same matter before and after it."""
    topic = "contacts.check_in" if code in CHECK_INS else "contacts.telephone"
    days, hours = policy.number(f"{topic}.no_visit_days_before"), policy.number(f"{topic}.no_visit_hours_after")
    policy.flag(f"{topic}.needs_established_patient")
    return judgement(
        f"the contact may not follow a visit on the matter within {days} days, nor lead to one within {hours} hours",
        "check that the patient is established and that no visit on the matter lies so near",
    )


def described(code: str) -> tuple[Rule, ...]:
    """What the contact must have been; online visits are told apart from visits by their own days."""
    own = () if code in (*PRACTITIONER_ONLINE, *OTHER_ONLINE) else (apart_from_visits.of(code),)
    return (minutes.of(code), *own)


def _instead(policy: PolicyView, code: str) -> str | None:
    """What stands in the place of a code that has ended, or not begun."""
    if code in PRACTITIONER_CALLS:
        return (
            f"a brief check-in is {policy.text('contacts.telephone.instead_code')}; a longer talk is a visit by audio"
        )
    current = policy.find("contacts.check_in.code") if code in CHECK_INS else None
    return None if current is None else f"bill {current.value}, the brief check-in of the month"


def _span(policy: PolicyView, code: str) -> str:
    """The minutes of a code in words."""
    if code in CHECK_INS:
        low, high = policy.number("contacts.check_in.minutes_min"), policy.number("contacts.check_in.minutes_max")
        return f"{low} to {high} minutes of talk"
    groups: Mapping[str, tuple[str, str]] = {
        **dict.fromkeys(PRACTITIONER_CALLS, ("telephone", "practitioner_codes")),
        **dict.fromkeys(OTHER_CALLS, ("telephone", "non_physician_codes")),
        **dict.fromkeys(PRACTITIONER_ONLINE, ("online", "practitioner_codes")),
        **dict.fromkeys(OTHER_ONLINE, ("online", "non_physician_codes")),
    }
    kind, name = groups[code]
    place = policy.words(f"contacts.{kind}.{name}").index(code)
    low = policy.number(f"contacts.{kind}.minutes_{_PLACES[place]}")
    within = "" if kind == "telephone" else f" within {policy.number('contacts.online.period_days')} days"
    if place == len(_PLACES) - 1:
        return f"{low} minutes and more{within}"
    return f"{low} to {policy.number(f'contacts.{kind}.minutes_{_PLACES[place + 1]}') - 1} minutes{within}"
