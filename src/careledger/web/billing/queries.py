"""Rows to core records and on to decisions: the one place where a patient's month meets the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from careledger.core.month import Month
from careledger.core.records import TABLES
from careledger.engine.answer import Answer
from careledger.engine.check import answer_case
from careledger.facts.case import Case
from careledger.policy import Policy, load_policy
from careledger.web.billing.models import DecisionMaking, ExtraPlanning, OtherClaim
from careledger.web.patients import models as chart
from careledger.web.patients.models import Patient
from careledger.web.patients.practitioners import panel_in
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import Person, Practice
from careledger.web.tenancy.records import to_records
from careledger.web.tenancy.scope import narrowed_to
from careledger.web.timers.queries import crossing_work, month_work

Records = Mapping[str, list[Any]]
TABLES_OF_PATIENTS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "coverage": (chart.Coverage, ("patient",)),
    "panel": (chart.Panel, ("patient", "biller")),
    "conditions": (chart.Condition, ("patient",)),
    "enrolments": (chart.Enrolment, ("patient",)),
    "visits": (chart.Visit, ("patient", "practitioner")),
    "care_plans": (CarePlan, ("patient",)),
    "goals": (Goal, ("patient",)),
    "stays": (chart.Stay, ("patient",)),
    "agency_episodes": (chart.AgencyEpisode, ("patient",)),
    "decision_making": (DecisionMaking, ("patient",)),
    "discharges": (chart.Discharge, ("patient",)),
    "devices": (chart.Device, ("patient",)),
    "behavioral": (chart.Behavioral, ("patient",)),
    "extra_planning": (ExtraPlanning, ("patient", "by")),
    "other_claims": (OtherClaim, ("patient",)),
}
"""Table to its model and the relations a record needs."""


@cache
def policy() -> Policy:
    """All of policy, read once."""
    return load_policy()


def records_of(patients: Sequence[Patient], month: Month) -> dict[str, list[Any]]:
    """Everything recorded of patients that a month's facts may need, as core records."""
    ids = [patient.pk for patient in patients]
    found: dict[str, list[Any]] = {
        "practices": to_records(Practice.objects.order_by("pk"), TABLES["practices"]),
        "people": to_records(Person.objects.select_related("practice").order_by("pk"), TABLES["people"]),
        "patients": to_records(patients, TABLES["patients"]),
        "consents": to_records(_of(chart.Consent, ids, "patient").prefetch_related("revocations"), TABLES["consents"]),
        "time_entries": month_work(ids, month),
    }
    for table, (model, needs) in TABLES_OF_PATIENTS.items():
        rows = panel_in(ids, month) if table == "panel" else _of(model, ids, *needs)
        found[table] = to_records(rows, TABLES[table])
    return found


def answer_for(patient: Patient, month: Month, on: date) -> Answer:
    """The engine's answer for a patient's month, asked on a day: the same function as ``careledger check``."""
    with narrowed_to(None):  # an auditor sees the answer everyone sees, made from everything
        return answer_case(_whole_case(patient, month), policy(), on=on)


def _whole_case(patient: Patient, month: Month) -> Case:
    """A patient's month with the work for others that shares its minutes."""
    records = records_of([patient], month)
    others = crossing_work(patient, month)
    strangers = {work.patient_id for work in others}
    records["time_entries"] += others
    records["patients"] += to_records(Patient.objects.filter(code__in=strangers), TABLES["patients"])
    return case_of(patient, month, records)


def case_of(patient: Patient, month: Month, records: Records) -> Case:
    """A patient's records as a case: the payer of the month's last day, every practitioner of the panel."""
    payer = payer_on(records["coverage"], patient.code, month)
    return Case(
        id=patient.code,
        month=month,
        billers=tuple(row.biller_id for row in records["panel"]),
        payer=payer,
        plan=payer,
        records=records,
    )


def payer_on(coverage: Iterable[Any], code: str, month: Month) -> str:
    """The primary payer in force on the month's last day; fee-for-service Medicare where none is recorded."""
    rows = [row for row in coverage if row.patient_id == code and _in_force(row, month.last_on)]
    return min(rows, key=lambda row: row.rank).payer if rows else "medicare_ffs"


def by_patient(records: Records) -> dict[str, dict[str, list[Any]]]:
    """Records parted by patient; practices and people stand in every part."""
    parts: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for table, rows in records.items():
        if table not in ("practices", "people"):
            for row in rows:
                parts[row.patient_id][table].append(row)
    for part in parts.values():
        part["practices"], part["people"] = records["practices"], records["people"]
    return parts


def _of(model: Any, ids: list[int], *needs: str) -> Any:
    return model.objects.filter(patient__in=ids).select_related(*needs).order_by("pk")


def _in_force(row: Any, day: date) -> bool:
    return (row.since is None or row.since <= day) and (row.until is None or day <= row.until)
