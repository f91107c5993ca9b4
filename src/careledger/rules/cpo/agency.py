"""The home health agency or hospice whose patient is overseen, and how the practitioner stands to it."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import AgencyMonth, PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import AGENCY_OF, code_rule, judgement, met, not_yet, past_mending, rule, unknown, unmet

SAYS = {"home_health": "home health agency", "hospice": "hospice"}


def agency_of(month: PatientMonth, code: str) -> AgencyMonth | None:
    """The month's service by the kind of agency the code is for."""
    found: AgencyMonth | None = getattr(month, AGENCY_OF[code])
    return found


@code_rule("{agency}.kind", "private_duty.kind")
def served(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The patient is served by an agency of the kind the code is for."""
    kind = SAYS[AGENCY_OF[code]]
    if agency_of(month, code) is not None:
        return met(f"the patient is served by a {kind}")
    if month.private_duty is not None:
        return unmet(f"a private-duty service is no {kind}", "private-duty care is not covered by Medicare")
    return unknown(
        f"no service by a {kind} is recorded in the month",
        f"record the episode with the {kind}: its NPI, dates, coverage and who signed the plan of care",
    )


@rule("home_health.kind", "hospice.kind")
def minutes_told_apart(month: PatientMonth, policy: PolicyView) -> Finding:
    """Where a home health agency and a hospice both served in the month, each code has the minutes of its own days only."""
    policy.number("cpo.time.first_unit_minutes")
    if month.home_health is None or month.hospice is None:
        return met("one kind of agency served the patient, so that the month's oversight is all of it")
    return judgement(
        "a home health agency and a hospice both served the patient in the month, and oversight is not told apart by agency",
        "count the practitioner's minutes on the days of each agency's own service; bill the code whose own days hold the "
        "minutes it needs, and write the count into the record",
    )


@code_rule("payer_kind", "{agency}.medicare_covered")
def covered(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The agency's service is covered by Medicare."""
    policy.flag(f"{_topic(code)}.needs_medicare_covered")
    agency = agency_of(month, code)
    if agency is None or month.payer_kind not in ("medicare_ffs", "medicare_advantage"):
        return met("coverage of the agency's service by Medicare is not asked for")
    if agency.medicare_covered is None:
        return unknown(
            "it is not recorded whether Medicare covers the agency's service", "ask the agency and record it"
        )
    if agency.medicare_covered:
        return met("Medicare covers the agency's service")
    return unmet("Medicare does not cover the agency's service")


@code_rule("{agency}.signed_by_biller")
def same_signer(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The practitioner who bills is the one who signed the plan of care."""
    policy.flag(f"{_topic(code)}.needs_same_signer")
    agency = agency_of(month, code)
    if agency is None or agency.signed_by_biller:
        return met("the practitioner who bills signed the plan of care")
    if agency.signed_by_biller is None:
        return unknown("it is not recorded who signed the plan of care", "record who signed the agency's plan of care")
    return unmet("another practitioner signed the plan of care", "only the signer bills, if anybody")


@code_rule("{agency}.financial_interest")
def no_financial_interest(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The practitioner has no significant financial or contractual interest in the agency."""
    policy.flag("cpo.conditions.forbids_financial_interest")
    agency = agency_of(month, code)
    if agency is None or agency.financial_interest is False:
        return met("the practitioner has no significant financial interest in the agency")
    if agency.financial_interest is None:
        says = "it is not recorded whether the practitioner has a financial interest in the agency"
        return unknown(says, "record whether there is a financial or contractual interest")
    return unmet("the practitioner has a significant financial interest in the agency")


@code_rule("{agency}.employed_by_agency")
def not_employed(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The practitioner is not the agency's medical director or employee, and does not serve it under arrangement."""
    policy.flag("cpo.conditions.forbids_agency_employment")
    agency = agency_of(month, code)
    if agency is None or agency.employed_by_agency is False:
        return met("the practitioner does not work for the agency")
    if agency.employed_by_agency is None:
        says = "it is not recorded whether the practitioner is employed by the agency or directs it"
        return unknown(says, "record whether the practitioner works for the agency in any role, volunteers included")
    return unmet(
        "the practitioner is the agency's medical director or employee; the agency's own payment covers the work"
    )


@code_rule("{agency}.coordinated", "month_closed", "died")
def coordinated(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The practitioner coordinated care with the agency in the month."""
    policy.flag("cpo.conditions.needs_coordination")
    agency = agency_of(month, code)
    if agency is None or agency.coordinated:
        return met("the practitioner coordinated care with the agency in the month")
    if agency.coordinated is None:
        return unknown("no coordination with the agency is recorded", "record the contact with the agency in the month")
    if past_mending(month):
        return unmet("the practitioner did not coordinate care with the agency in the month")
    says = "the practitioner has not coordinated care with the agency this month"
    return not_yet(says, f"coordinate care with the agency by {month.month.last_on} and document it")


@code_rule("{agency}.agency_npi_known")
def agency_npi(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """The claim carries the agency's NPI."""
    item = policy.text("cpo.claim.agency_npi_item")
    agency = agency_of(month, code)
    if agency is None or agency.agency_npi_known:
        return met(f"the agency's NPI is known for item {item}")
    denial = policy.text("cpo.claim.denial_without_npi")
    says = f"the agency's NPI is not recorded; without it in item {item} the claim is rejected ({denial})"
    return unknown(says, "record the agency's NPI")


def _topic(code: str) -> str:
    return "cpo.certification" if code in ("G0179", "G0180") else "cpo.conditions"
