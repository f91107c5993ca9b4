"""From rows of the SQL program to the records a decision looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from careledger.core.month import Month
from careledger.core.patient_month import (
    AgencyMonth,
    BehavioralMonth,
    BilledService,
    DeviceMonth,
    DischargeMonth,
    PatientMonth,
    PrimaryCareMonth,
    ProgramMonth,
)
from careledger.facts.dialect import Database

PROGRAM_COLUMNS = (
    "program", "consent", "consent_lacks", "initiating", "plan_exists", "plan_signed", "plan_copy_given", "plan_lacks",
    "plan_reviewed", "plan_revision", "staff_s", "own_s", "team_s", "logged_s", "untimed_s", "patient_contact",
    "starts_in_month", "need_and_plan", "all_trained", "worked_by", "on_one_day",
)  # fmt: skip
AGENCY_COLUMNS = (
    "kind", "medicare_covered", "signed_by_biller", "agency_npi_known", "financial_interest", "employed_by_agency",
    "coordinated", "started_in_month", "prior_service_within_60_days", "recertified_in_month", "days_of_service",
)  # fmt: skip
MONTH_COLUMNS = (
    "patient", "biller", "payer", "payer_kind", "plan", "setting", "locality", "part_b", "qmb", "died", "residence",
    "facility_paid_for_care_management", "chronic_conditions", "chronic_conditions_possible", "significant_risk",
    "complex_condition", "serious_condition", "chronic_pain", "complex_multidisciplinary_care", "days_in_facility", "days_alive", "biller_kind",
    "biller_specialty", "in_global_period", "biller_outside_us", "access_24_7", "certified_ehr", "mdm",
    "visit_within_6_months", "elects", "prefers", "extra_planning", "extra_planning_billed_before", "seen_in_person",
    "primary_care_focal_point", "able_to_furnish_all", "quality_reporting",
)  # fmt: skip
DEVICE_COLUMNS = (
    "kind", "system", "is_set_up_in_month", "first_use", "period", "period_days", "days_with_data", "live_contact",
    "fda_device", "auto_transmits",
)  # fmt: skip
DISCHARGE_COLUMNS = (
    "from_kind", "to", "contact_business_days", "contact_before_discharge", "contact_by_kind", "timely_attempts",
    "visit_days",  "visit_by", "visit_separate", "reconciled_by_visit", "readmitted_days",
    "died_days", "non_face_to_face_services", "period_ends_in_month", "visit_time_ends_in_month",
)  # fmt: skip
BEHAVIORAL_COLUMNS = (
    "diagnosis", "initiating_month", "validated_scale", "consultant_named", "service", "elements_documented",
)  # fmt: skip
PRIMARY_CARE_COLUMNS = {
    "primary_care_focal_point": "focal_point",
    "able_to_furnish_all": "able_to_furnish_all",
    "quality_reporting": "quality_reporting",
}
"""Column of ``months`` to the field of ``PrimaryCareMonth``."""
BILLED_COLUMNS = ("code", "relation", "units", "same_day_as_visit")

_WORD_LISTS = ("consent_lacks", "plan_lacks", "elects")


def _truths(record: type) -> frozenset[str]:
    return frozenset(column.name for column in fields(record) if str(column.type).startswith("bool"))


_TRUTHS: dict[type, frozenset[str]] = {
    record: _truths(record)
    for record in (
        PatientMonth,
        ProgramMonth,
        AgencyMonth,
        BilledService,
        DeviceMonth,
        DischargeMonth,
        BehavioralMonth,
        PrimaryCareMonth,
    )
}


@dataclass(slots=True)
class Parts:
    """What belongs to one patient's month beside its own row."""

    programs: list[ProgramMonth] = field(default_factory=list)
    agencies: list[AgencyMonth] = field(default_factory=list)
    billed: list[BilledService] = field(default_factory=list)
    visit_codes: list[str] = field(default_factory=list)
    billed_before: list[BilledService] = field(default_factory=list)
    devices: list[DeviceMonth] = field(default_factory=list)
    discharges: list[DischargeMonth] = field(default_factory=list)
    behavioral: BehavioralMonth | None = None


def words(text: str | None) -> tuple[str, ...]:
    """A column of words, parted by one space."""
    return tuple(text.split(" ")) if text else ()


def program_month(cells: Sequence[Any], lost: Mapping[str, int]) -> ProgramMonth:
    """One program's facts from a row with ``PROGRAM_COLUMNS`` and the seconds lost by reason."""
    return ProgramMonth(**_named(ProgramMonth, PROGRAM_COLUMNS, cells), lost=lost)


def agency_month(cells: Sequence[Any]) -> AgencyMonth:
    """One agency's service from a row with ``AGENCY_COLUMNS``."""
    return AgencyMonth(**_named(AgencyMonth, AGENCY_COLUMNS, cells))


def billed_service(cells: Sequence[Any]) -> BilledService:
    """One service billed from a row with ``BILLED_COLUMNS``."""
    return BilledService(**_named(BilledService, BILLED_COLUMNS, cells))


def device_month(cells: Sequence[Any]) -> DeviceMonth:
    """One device from a row with ``DEVICE_COLUMNS``."""
    return DeviceMonth(**_named(DeviceMonth, DEVICE_COLUMNS, cells))


def discharge_month(cells: Sequence[Any]) -> DischargeMonth:
    """One discharge from a row with ``DISCHARGE_COLUMNS``."""
    return DischargeMonth(**_named(DischargeMonth, DISCHARGE_COLUMNS, cells))


def behavioral_month(cells: Sequence[Any]) -> BehavioralMonth:
    """Behavioural care from a row with ``BEHAVIORAL_COLUMNS``."""
    return BehavioralMonth(**_named(BehavioralMonth, BEHAVIORAL_COLUMNS, cells))


def patient_month(cells: Sequence[Any], month: Month, parts: Parts, as_of: date | None) -> PatientMonth:
    """A patient's month from a row with ``MONTH_COLUMNS`` and what belongs to it.

    Args:
        as_of: the day of asking, which tells whether the month is over.
    """
    row = _named(PatientMonth, MONTH_COLUMNS, cells)
    primary = {field: row.pop(column) for column, field in PRIMARY_CARE_COLUMNS.items()}
    by_kind = {agency.kind: agency for agency in parts.agencies}
    return PatientMonth(
        **row,
        month=month,
        month_closed=None if as_of is None else as_of > month.last_on,
        whole_month_in_facility=0 < row["days_alive"] <= row["days_in_facility"],
        programs={program.program: program for program in parts.programs},
        home_health=by_kind.get("home_health"),
        hospice=by_kind.get("hospice"),
        private_duty=by_kind.get("private_duty"),
        billed=tuple(sorted(parts.billed)),
        billed_before=tuple(sorted(parts.billed_before)),
        visit_codes=tuple(sorted(parts.visit_codes)),
        devices=tuple(sorted(parts.devices, key=repr)),
        discharges=tuple(sorted(parts.discharges, key=repr)),
        behavioral=parts.behavioral,
        primary_care=PrimaryCareMonth(
            **{name: None if value is None else bool(value) for name, value in primary.items()}
        ),
    )


def read_months(
    base: Database, month: Month, as_of: date | None, bills: tuple[int, int] = (0, 1 << 31)
) -> list[tuple[int, PatientMonth]]:
    """Every patient's month that the program left in the database, with its number, in the order of ``panel``.

    Args:
        bills: first number, and the one after the last.
    """
    within = f"bill >= {bills[0]} AND bill < {bills[1]}"
    parts = _parts(base, within)
    found = base.execute(
        f"SELECT bill, {', '.join(MONTH_COLUMNS)} FROM months WHERE {within} ORDER BY row_no"
    ).fetchall()
    return [(bill, patient_month(cells, month, parts[bill], as_of)) for bill, *cells in found]


def _parts(base: Database, within: str) -> defaultdict[int, Parts]:
    parts: defaultdict[int, Parts] = defaultdict(Parts)
    lost: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    sql = "SELECT l.bill, l.program_no, n.reason, l.seconds FROM losses AS l JOIN rule_reasons AS n ON n.reason_no = l.reason_no"
    for bill, program_no, reason, seconds in base.execute(f"{sql} WHERE {within} ORDER BY 1, 2, 3").fetchall():
        lost[bill, program_no][reason] = int(seconds)
    for bill, program_no, *cells in _select(base, ("bill", "program_no", *PROGRAM_COLUMNS), "program_months", within):
        parts[bill].programs.append(program_month(cells, lost[bill, program_no]))
    for bill, *cells in _select(base, ("bill", *AGENCY_COLUMNS), "agency_months", within):
        parts[bill].agencies.append(agency_month(cells))
    for bill, *cells in _select(base, ("bill", *BILLED_COLUMNS), "billed", within):
        parts[bill].billed.append(billed_service(cells))
    for bill, code in _select(base, ("bill", "code"), "visit_codes", within):
        parts[bill].visit_codes.append(code)
    _further(base, within, parts)
    return parts


def _further(base: Database, within: str, parts: defaultdict[int, Parts]) -> None:
    """What belongs to single families."""
    for bill, code, relation in _select(base, ("bill", "code", "relation"), "billed_before", within):
        parts[bill].billed_before.append(BilledService(code=code, relation=relation))
    for bill, *cells in _select(base, ("bill", *DEVICE_COLUMNS), "device_months", within):
        parts[bill].devices.append(device_month(cells))
    for bill, *cells in _select(base, ("bill", *DISCHARGE_COLUMNS), "discharge_months", within):
        parts[bill].discharges.append(discharge_month(cells))
    for bill, *cells in _select(base, ("bill", *BEHAVIORAL_COLUMNS), "behavioral_months", within):
        parts[bill].behavioral = behavioral_month(cells)


def _select(base: Database, columns: Iterable[str], table: str, within: str) -> list[Any]:
    listed = ", ".join(f'"{column}"' for column in columns)
    return base.execute(f"SELECT {listed} FROM {table} WHERE {within} ORDER BY 1, 2").fetchall()


def _named(record: type, columns: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    row = dict(zip(columns, cells, strict=True))
    for name in _TRUTHS[record].intersection(columns):
        row[name] = None if row[name] is None else bool(row[name])
    row.update({name: words(row[name]) for name in _WORD_LISTS if name in row})
    return row
