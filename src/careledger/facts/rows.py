"""From rows of the SQL program to the records a decision looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from careledger.core.month import Month
from careledger.core.patient_month import AgencyMonth, BilledService, PatientMonth, ProgramMonth

Row = Mapping[str, Any]

PROGRAM_COLUMNS = (
    "program", "consent", "consent_lacks", "initiating", "plan_exists", "plan_signed", "plan_copy_given", "plan_lacks",
    "plan_reviewed", "plan_revision", "staff_s", "own_s", "team_s", "logged_s", "untimed_s", "patient_contact", "lost",
)  # fmt: skip
AGENCY_COLUMNS = (
    "kind", "medicare_covered", "signed_by_biller", "agency_npi_known", "financial_interest", "employed_by_agency",
    "coordinated", "started_in_month", "prior_service", "recertified_in_month", "days_of_service",
)  # fmt: skip
MONTH_COLUMNS = (
    "patient", "biller", "payer", "payer_kind", "plan", "setting", "locality", "part_b", "qmb", "died", "residence",
    "facility_paid_for_care_management", "chronic_conditions", "chronic_conditions_possible", "significant_risk",
    "complex_condition", "complex_multidisciplinary_care", "days_in_facility", "days_alive", "biller_kind",
    "biller_specialty", "in_global_period", "biller_outside_us", "access_24_7", "certified_ehr", "mdm",
    "visit_within_6_months", "elects", "extra_planning", "extra_planning_billed_before", "billed", "visit_codes",
)  # fmt: skip
_WORD_LISTS = ("consent_lacks", "plan_lacks", "elects", "visit_codes")


def words(text: str | None) -> tuple[str, ...]:
    """A column of words, parted by one space."""
    return tuple(text.split(" ")) if text else ()


def program_month(cells: Sequence[Any]) -> ProgramMonth:
    """One program's facts from a row with ``PROGRAM_COLUMNS``."""
    row = _named(PROGRAM_COLUMNS, cells)
    row["lost"] = {reason: int(seconds) for reason, _, seconds in (part.partition(":") for part in words(row["lost"]))}
    return ProgramMonth(**row)


def agency_month(cells: Sequence[Any]) -> AgencyMonth:
    """One agency's service from a row with ``AGENCY_COLUMNS``."""
    row = _named(AGENCY_COLUMNS, cells)
    row["prior_service_within_60_days"] = row.pop("prior_service")
    return AgencyMonth(**row)


def patient_month(
    cells: Sequence[Any],
    month: Month,
    programs: Iterable[ProgramMonth],
    agencies: Iterable[AgencyMonth],
    as_of: date | None,
) -> PatientMonth:
    """A patient's month from a row with ``MONTH_COLUMNS`` and what belongs to it.

    Args:
        as_of: the day of asking, which tells whether the month is over.
    """
    row = _named(MONTH_COLUMNS, cells)
    by_kind = {agency.kind: agency for agency in agencies}
    return PatientMonth(
        **{name: value for name, value in row.items() if name != "billed"},
        month=month,
        month_closed=None if as_of is None else as_of > month.last_on,
        whole_month_in_facility=0 < row["days_alive"] <= row["days_in_facility"],
        programs={program.program: program for program in programs},
        home_health=by_kind.get("home_health"),
        hospice=by_kind.get("hospice"),
        private_duty=by_kind.get("private_duty"),
        billed=tuple(_billed(part) for part in words(row["billed"])),
    )


def _billed(text: str) -> BilledService:
    code, relation, units, same_day = text.split(":")
    return BilledService(code=code, relation=relation, units=int(units), same_day_as_visit=same_day == "1")  # type: ignore[arg-type]


def _named(columns: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    row = dict(zip(columns, cells, strict=True))
    row.update({name: words(row[name]) for name in _WORD_LISTS if name in row})
    return row
