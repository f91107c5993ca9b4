"""Shelves of care management: Consent, CarePlan, CareTeam, Goal, Communication, DocumentReference, Group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from careledger.core import records
from careledger.core.month import Month
from careledger.fhir.held import care as held
from careledger.fhir.held.finish import LOINC
from careledger.fhir.server.outgoing import CONVERSATIONS
from careledger.web.fhir_api import search
from careledger.web.fhir_api.chart_shelves import OF_SUBJECT
from careledger.web.fhir_api.shelves import Json, Shelf, Source
from careledger.web.fhir_api.sight import Sight
from careledger.web.patients import models as chart
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import PROFESSIONS
from careledger.web.timers.models import TimeEntry

_OF_PATIENT = {
    "patient": search.reference("patient_id", "Patient"),
    "subject": search.reference("patient_id", "Patient"),
}
_PLAN_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
_NOTE_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"


def _consent(row: chart.Consent, sight: Sight) -> Json:
    return held.consent(sight.record(row, records.Consent), str(row.pk), sight.stamp(row.patient))


def _care_plan(row: CarePlan, sight: Sight) -> Json:
    patient = row.patient
    return held.care_plan(
        sight.record(row, records.CarePlan),
        str(row.pk),
        sight.stamp(patient),
        is_latest=row.pk == row.latest,
        goals=[str(one.pk) for one in patient.goals.all()],
        conditions=[str(one.pk) for one in patient.conditions.all() if one.until is None and one.chronic],
        team=str(patient.pk) if _members(patient) else None,
    )


def _care_team(row: chart.Patient, sight: Sight) -> Json:
    members = [(str(one.pk), one.name or one.code, words) for one, words in _members(row)]
    return held.care_team(str(row.pk), str(row.pk), members, sight.stamp(row))


def _members(patient: chart.Patient) -> list[tuple[Any, str]]:
    """People who care for a patient, each with the role in words."""
    found = {
        one.biller_id: (one.biller, PROFESSIONS.get(one.biller.kind, one.biller.kind)) for one in patient.panel.all()
    }
    if patient.care_manager is not None:
        found.setdefault(patient.care_manager_id, (patient.care_manager, "care manager"))
    return list(found.values())


def _goal(row: Goal, sight: Sight) -> Json:
    known = {one.icd10: str(one.pk) for one in row.patient.conditions.all()}
    record = sight.record(row, records.Goal)
    return held.goal(
        record,
        str(row.pk),
        sight.stamp(row.patient),
        condition=known.get(row.condition or ""),
        barriers=row.barriers,
    )


def _communication(row: TimeEntry, sight: Sight) -> Json:
    stands = not hasattr(row, "correction")
    record = sight.record(row, records.TimeEntry)
    return held.communication(record, str(row.pk), sight.stamp(row.patient), stands=stands, code=row.entry_id)


def _note(row: dict[str, Any], sight: Sight) -> Json:
    patient = row["patient"]
    month = Month.of(row["of"])
    id_ = f"{patient}-{month}"
    return held.note(
        id_,
        str(patient),
        month,
        sight.stamp(chart.Patient(pk=patient, revision=row["patient__revision"])),
        url=f"{sight.base}/Binary/{id_}",
        author=str(row["biller"]) if row["biller"] else None,
        at=datetime.fromtimestamp(row["recorded"]).astimezone(),
    )


def _group(row: dict[str, Any], sight: Sight) -> Json:
    program = row["program"]
    members = [str(one) for one in enrolled(program).values_list("pk", flat=True)]
    return held.group(f"enrolled-{program}", f"Enrolled in {program.upper()}", members, sight.house)


def enrolled(program: str) -> QuerySet[Any]:
    """Patients whose present status in a program is enrolled."""
    latest = chart.ProgramStatus.objects.filter(patient=OuterRef("pk"), program=program).order_by("-on", "-pk")
    found = chart.Patient.objects.annotate(present=Subquery(latest.values("status")[:1]))
    return found.filter(present="enrolled").order_by("pk")


def _plans() -> QuerySet[Any]:
    """Care plans, each with the number of the latest of its patient and program."""
    by_day = Coalesce("revised_on", "established_on").desc(nulls_last=True)
    same = CarePlan.objects.filter(patient=OuterRef("patient"), program=OuterRef("program")).order_by(by_day, "-pk")
    rows = CarePlan.objects.annotate(latest=Subquery(same.values("pk")[:1])).select_related("patient__care_manager")
    return rows.prefetch_related("patient__goals", "patient__conditions", "patient__panel__biller").order_by("pk")


def notes() -> QuerySet[Any]:
    """Months of patients with work that stands, which is what a note tells of."""
    panel = chart.Panel.objects.filter(patient=OuterRef("patient")).order_by("pk").values("biller")[:1]
    grouped = TimeEntry.objects.current().annotate(of=TruncMonth("worked_on")).order_by()
    rows = grouped.values("patient", "patient__revision", "of").annotate(
        recorded=Max("recorded_s"), biller=Subquery(panel)
    )
    return rows.order_by("patient", "of")


def note_key(text: str) -> Q | None:
    """The condition for ``12-2026-10``: a patient's month."""
    patient, _, month = text.partition("-")
    try:
        asked = Month.parse(month)
    except ValueError:
        return None
    if not search.is_key(patient):
        return None
    return Q(patient=int(patient), worked_on__range=(asked.first_on, asked.last_on))


def _group_key(text: str) -> Q | None:
    return Q(program=text.removeprefix("enrolled-")) if text.startswith("enrolled-") else None


SHELVES = (
    Shelf(
        "Consent",
        (
            Source(
                rows=lambda: (
                    chart.Consent.objects.select_related("patient").prefetch_related("revocations").order_by("pk")
                ),
                patient="patient_id",
                build=_consent,
                search={
                    "patient": _OF_PATIENT["patient"],
                    "date": search.day("given_on"),
                    "status": search.token(
                        {"active": Q(revocations__isnull=True), "inactive": Q(revocations__isnull=False)}
                    ),
                },
            ),
        ),
        includes={"patient": ("patient",)},
    ),
    Shelf(
        "CarePlan",
        (
            Source(
                rows=_plans,
                patient="patient_id",
                build=_care_plan,
                search={
                    **_OF_PATIENT,
                    "category": search.token({"assess-plan": search.EVERYTHING}, _PLAN_CATEGORY),
                    "date": search.day("established_on"),
                    "status": search.token({"active": Q(pk=F("latest")), "completed": ~Q(pk=F("latest"))}),
                },
            ),
        ),
        includes={**OF_SUBJECT, "goal": ("goal",), "condition": ("addresses",), "care-team": ("careTeam",)},
    ),
    Shelf(
        "CareTeam",
        (
            Source(
                rows=lambda: (
                    chart.Patient.objects.filter(Q(panel__isnull=False) | Q(care_manager__isnull=False))
                    .distinct()
                    .select_related("care_manager")
                    .prefetch_related("panel__biller")
                    .order_by("pk")
                ),
                patient="pk",
                owner=lambda row: row.pk,
                build=_care_team,
                search={
                    "patient": search.reference("pk", "Patient"),
                    "subject": search.reference("pk", "Patient"),
                    "status": search.token({"active": search.EVERYTHING}),
                },
            ),
        ),
        includes={**OF_SUBJECT, "participant": ("participant", "member")},
    ),
    Shelf(
        "Goal",
        (
            Source(
                rows=lambda: (
                    Goal.objects.select_related("patient").prefetch_related("patient__conditions").order_by("pk")
                ),
                patient="patient_id",
                build=_goal,
                search={**_OF_PATIENT, "target-date": search.day("due_on")},
            ),
        ),
        includes=OF_SUBJECT,
    ),
    Shelf(
        "Communication",
        (
            Source(
                rows=lambda: (
                    TimeEntry.objects.exclude(kind="voided")
                    .filter(activity__in=CONVERSATIONS)
                    .select_related("patient", "by", "correction")
                    .order_by("pk")
                ),
                patient="patient_id",
                build=_communication,
                search={
                    **_OF_PATIENT,
                    "sent": search.day("worked_on", sorts_by=("worked_on", "start_s")),
                    "sender": search.reference("by_id", "Practitioner"),
                    "status": search.token(
                        {
                            "completed": Q(correction__corrects__isnull=True),
                            "entered-in-error": Q(correction__corrects__isnull=False),
                        }
                    ),
                },
            ),
        ),
        includes={**OF_SUBJECT, "sender": ("sender",)},
    ),
    Shelf(
        "DocumentReference",
        (
            Source(
                rows=notes,
                patient="patient",
                owner=lambda row: row["patient"],
                build=_note,
                key=note_key,
                search={
                    "patient": search.reference("patient", "Patient"),
                    "subject": search.reference("patient", "Patient"),
                    "type": search.token({"11506-3": search.EVERYTHING}, LOINC),
                    "category": search.token({"clinical-note": search.EVERYTHING}, _NOTE_CATEGORY),
                    "period": search.day("worked_on", sorts_by=("of",)),
                    "status": search.token({"current": search.EVERYTHING}),
                },
            ),
        ),
        includes={**OF_SUBJECT, "author": ("author",)},
    ),
    Shelf(
        "Group",
        (
            Source(
                rows=lambda: chart.ProgramStatus.objects.order_by("program").values("program").distinct(),
                build=_group,
                key=_group_key,
            ),
        ),
        operations=("export",),
    ),
)
