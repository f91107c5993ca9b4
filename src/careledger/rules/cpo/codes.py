"""Requirements of care plan oversight and of certifying home health."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.common import Rules, billed
from careledger.rules.cpo import agency, certification, cpt, patient, payer, time
from careledger.rules.rule import Rule


def _oversight(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        payer.pays.of(code),
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
        time.first_unit,
        agency.minutes_told_apart,
        agency.agency_npi.of(code),
        time.month_over,
        *billed(code),
    )


def _certification(code: str, *own: Rule) -> Rules:
    return (
        coverage.code_in_force.of(code),
        payer.pays.of(code),
        coverage.part_b,
        coverage.alive,
        certification.may_certify,
        coverage.biller_in_us,
        agency.served.of(code),
        agency.covered.of(code),
        agency.same_signer.of(code),
        agency.no_financial_interest.of(code),
        *own,
        *billed(code),
    )


def _cpt_oversight(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        payer.recognises.of(code),
        coverage.alive,
        patient.may_bill,
        cpt.patient_of.of(code),
        cpt.minutes.of(code),
        *billed(code),
    )


REQUIREMENTS: Mapping[str, Rules] = {
    "G0180": _certification("G0180", certification.certified_in_month, certification.no_prior_service),
    "G0179": _certification("G0179", certification.recertified_in_month, certification.served_long_enough),
    "G0181": _oversight("G0181"),
    "G0182": _oversight("G0182"),
    **{code: _cpt_oversight(code) for code in ("99374", "99375", "99377", "99378", "99379", "99380")},
}

TOUCHED: Mapping[str, tuple[str, ...]] = {
    "home_health": ("G0180", "G0179", "G0181", "99374", "99375"),
    "hospice": ("G0182", "99377", "99378"),
    "nursing_facility": ("99379", "99380"),
}
