"""A month that meets everything CCM asks for, and the policy in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from careledger.core.month import Month
from careledger.core.patient_month import AgencyMonth, PatientMonth, ProgramMonth
from careledger.policy import Policy, PolicyView, load_policy

MARCH = Month(2026, 3)
CCM = ProgramMonth(
    program="ccm",
    consent="in_force",
    initiating="not_needed",
    plan_exists=True,
    plan_signed=True,
    plan_copy_given=True,
    plan_reviewed=True,
    patient_contact=True,
    logged_s=1,
)
ELIGIBLE = PatientMonth(
    month=MARCH,
    patient="patient-1",
    biller="dr-a",
    part_b=True,
    qmb=False,
    residence="home",
    chronic_conditions=2,
    chronic_conditions_possible=2,
    significant_risk=True,
    access_24_7=True,
    certified_ehr=True,
    programs={"ccm": CCM},
)
AGENCY = AgencyMonth(
    kind="home_health",
    medicare_covered=True,
    signed_by_biller=True,
    agency_npi_known=True,
    financial_interest=False,
    employed_by_agency=False,
    coordinated=True,
)


def ccm(month: PatientMonth = ELIGIBLE, *, staff: int = 0, own: int = 0, **changes: Any) -> PatientMonth:
    """The eligible month with so many seconds of staff and of the practitioner, one after the other."""
    program = replace(
        month.program("ccm"), staff_s=staff, own_s=own, team_s=staff + own, logged_s=staff + own, **changes
    )
    return replace(month, programs={**month.programs, "ccm": program})


def overseen(seconds: int, month: PatientMonth = ELIGIBLE, **agency: Any) -> PatientMonth:
    """A home health patient with so many of the practitioner's own seconds."""
    cpo = ProgramMonth(program="cpo", own_s=seconds, team_s=seconds, logged_s=seconds)
    return replace(
        month,
        complex_multidisciplinary_care=True,
        visit_within_6_months=True,
        home_health=replace(AGENCY, **agency),
        programs={**month.programs, "cpo": cpo},
    )


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def view(policy: Policy) -> PolicyView:
    return policy.on(date(2026, 3, 31))
