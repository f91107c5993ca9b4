"""Which rules each code must meet, in the order a reader meets them in the proof.

Adding a code is adding a line; adding a rule is adding its name where it belongs. An add-on meets what its base meets,
but for the base's own first unit, which more minutes imply.
"""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import conflicts, coverage
from careledger.rules.ccm import (
    access,
    care_plan,
    complex,
    consent,
    eligibility,
    extra_planning,
    initiating_visit,
    practitioner_time,
    residence,
    staff_time,
)
from careledger.rules.ccm import payer as ccm_payer
from careledger.rules.cpo import agency, certification, cpt, patient
from careledger.rules.cpo import payer as cpo_payer
from careledger.rules.cpo import time as cpo_time
from careledger.rules.rule import Rule

Rules = tuple[Rule, ...]


def _paid(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        ccm_payer.pays.of(code),
        coverage.part_b,
        coverage.alive,
        ccm_payer.may_bill,
        coverage.biller_in_us,
        ccm_payer.from_this_setting,
    )


def _billed(code: str) -> Rules:
    return (conflicts.not_billed_before.of(code), conflicts.beside_what_is_billed.of(code))


_ELIGIBLE = (eligibility.chronic_conditions, eligibility.significant_risk)
_DOCUMENTED = (
    initiating_visit.held,
    consent.in_force,
    consent.content,
    care_plan.established,
    care_plan.complete,
    care_plan.signed,
    care_plan.copy_given,
    care_plan.reviewed,
    care_plan.optional_elements,
    access.day_and_night,
    access.certified_record,
    residence.facility_not_paid,
    residence.some_day_outside,
)


def _ccm(code: str, *own: Rule) -> Rules:
    return (*_paid(code), *_ELIGIBLE, *_DOCUMENTED, *own, *_billed(code))


def _oversight(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        cpo_payer.pays.of(code),
        coverage.part_b,
        coverage.alive,
        patient.may_bill,
        coverage.biller_in_us,
        agency.served.of(code),
        agency.covered.of(code),
        agency.same_signer.of(code),
        agency.no_financial_interest.of(code),
        agency.not_employed.of(code),
        patient.complex_care,
        patient.seen,
        patient.at_home,
        patient.not_in_hospital,
        patient.no_global_period,
        agency.coordinated.of(code),
        cpo_time.first_unit,
        agency.agency_npi.of(code),
        cpo_time.month_over,
        *_billed(code),
    )


def _certification(code: str, *own: Rule) -> Rules:
    return (
        coverage.code_in_force.of(code),
        cpo_payer.pays.of(code),
        coverage.part_b,
        coverage.alive,
        certification.may_certify,
        coverage.biller_in_us,
        agency.served.of(code),
        agency.covered.of(code),
        agency.same_signer.of(code),
        agency.no_financial_interest.of(code),
        *own,
        *_billed(code),
    )


def _cpt_oversight(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        cpo_payer.recognises.of(code),
        coverage.alive,
        patient.may_bill,
        cpt.patient_of.of(code),
        cpt.minutes.of(code),
        *_billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "99490": _ccm("99490", staff_time.first_unit, complex.not_complex, staff_time.patient_contact),
    "99439": _ccm("99439", staff_time.add_on_units, complex.not_complex),
    "G2058": _ccm("G2058", staff_time.add_on_units, complex.not_complex),
    "99491": _ccm("99491", practitioner_time.first_unit, staff_time.patient_contact),
    "99437": _ccm("99437", practitioner_time.add_on_units),
    "99487": _ccm(
        "99487", complex.decision_making, complex.plan_revised, complex.first_unit, staff_time.patient_contact
    ),
    "99489": _ccm("99489", complex.decision_making, complex.plan_revised, complex.add_on_units),
    "G0506": (
        *_paid("G0506"),
        *_ELIGIBLE,
        extra_planning.at_initiating_visit,
        extra_planning.once,
        extra_planning.patient_enters_ccm,
        *_billed("G0506"),
    ),
    "G0180": _certification("G0180", certification.certified_in_month, certification.no_prior_service),
    "G0179": _certification("G0179", certification.recertified_in_month, certification.served_long_enough),
    "G0181": _oversight("G0181"),
    "G0182": _oversight("G0182"),
    **{code: _cpt_oversight(code) for code in ("99374", "99375", "99377", "99378", "99379", "99380")},
}
"""Every code this program decides, to its rules. The order of the codes settles ties between equal amounts."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "ccm": ("99490", "99439", "G2058", "99491", "99437", "99487", "99489"),
    "home_health": ("G0180", "G0179", "G0181", "99374", "99375"),
    "hospice": ("G0182", "99377", "99378"),
    "nursing_facility": ("99379", "99380"),
}
"""Codes that the same facts touch."""
