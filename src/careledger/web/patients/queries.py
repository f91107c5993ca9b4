"""Reading a chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from careledger.web.patients.models import STATUSES, Coverage, Patient, ProgramStatus
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.terms import in_force_until
from careledger.web.plans.models import NEWEST_FIRST, CarePlan

_STATUS_WORDS = dict(STATUSES)
SHOWN = 8
"""Rows of a kind on the chart; the latest."""


@dataclass(frozen=True, slots=True)
class ProgramStanding:
    """A program's present status and its dated history, newest first."""

    program: str
    status: str
    label: str
    on: date
    history: list[ProgramStatus]


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A consent as a page shows it.

    Attributes:
        until: the last day in force of a revoked one.
    """

    row: Any
    revoked_on: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Chart:
    """What the patient page shows beside time and decisions."""

    programs: list[ProgramStanding]
    conditions: list[Any]
    coverage: list[Any]
    consents: list[ConsentLine]
    panel: list[Any]
    practitioner: Any
    plan: CarePlan | None
    goals: list[Any]
    stays: list[Any]
    visits: list[Any]
    episodes: list[Any]
    discharges: list[Any]
    claims: list[Any]


def patients(words: str = "", status: str = "") -> QuerySet[Any]:
    """Patients by name, with their present status in CCM."""
    latest = ProgramStatus.objects.filter(patient=OuterRef("pk"), program="ccm").order_by("-on", "-pk")
    found = Patient.objects.annotate(status=Subquery(latest.values("status")[:1])).select_related("care_manager")
    for word in words.split():
        plain = word.strip(",.")
        named = Q(family_name__istartswith=plain) | Q(given_name__istartswith=plain) | Q(code__iexact=plain)
        found = found.filter(named)
    if status:
        found = found.filter(status=status)
    return found.prefetch_related("conditions").order_by("family_name", "given_name", "pk")


def chart_of(patient: Patient, *, is_whole: bool = False) -> Chart:
    """Everything of a chart the page shows, one query a table.

    Args:
        is_whole: all visits, stays and the like, not the latest only.
    """
    shown = None if is_whole else SHOWN
    return Chart(
        programs=programs_of(patient),
        conditions=list(patient.conditions.order_by("icd10")),
        coverage=list(Coverage.objects.filter(patient=patient).order_by("rank", "-since")),
        consents=[
            line_of(row) for row in patient.consents.prefetch_related("revocations").order_by("-given_on", "-pk")
        ],
        panel=list(patient.panel.select_related("biller").order_by("pk")),
        practitioner=of_record(patient, timezone.localdate()),
        plan=CarePlan.objects.filter(patient=patient).order_by(*NEWEST_FIRST).first(),
        goals=list(patient.goals.all()),
        stays=list(patient.stays.order_by("-since", "-pk")[:shown]),
        visits=list(patient.visits.select_related("practitioner").order_by("-on", "-pk")[:shown]),
        episodes=list(patient.agency_episodes.order_by("-since", "-pk")[:shown]),
        discharges=list(patient.discharges.order_by("-on", "-pk")[:shown]),
        claims=list(patient.other_claims.order_by("-on", "-pk")[:shown]),
    )


def line_of(row: Any) -> ConsentLine:
    """A consent with its revocation; prefetch ``revocations``."""
    revoked_on = row.revoked_on
    return ConsentLine(row, revoked_on, None if revoked_on is None else in_force_until(row.program, revoked_on))


def programs_of(patient: Patient) -> list[ProgramStanding]:
    """Each program the patient ever had a status in."""
    by_program: dict[str, list[ProgramStatus]] = {}
    for row in patient.statuses.order_by("-on", "-pk"):
        by_program.setdefault(row.program, []).append(row)
    return [
        ProgramStanding(name, rows[0].status, _STATUS_WORDS[rows[0].status], rows[0].on, rows)
        for name, rows in sorted(by_program.items())
    ]
