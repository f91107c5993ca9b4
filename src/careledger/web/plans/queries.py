"""Reading plans: one plan with all that hangs on it, and the lists of what waits for someone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from careledger.web.patients.models import Patient, ProgramStatus
from careledger.web.plans.actions import codes_of
from careledger.web.plans.content import Content, empty, item_of
from careledger.web.plans.elements import Element, elements_of, hints
from careledger.web.plans.instruments import Band, Instrument, instruments
from careledger.web.plans.models import Assessment, CarePlan, Goal, PlanDelivery, PlanHead, PlanVersion, Reading
from careledger.web.tenancy.models import Person

SOON_DAYS = 30
"""How far ahead a goal's day is shown as coming due. A house value."""
ENDED = ("achieved", "sustaining", "completed", "cancelled", "rejected", "not-attainable")
AT_RISK = ("worsening", "not-achieved", "no-progress", "not-attainable")
"""Statuses that the measure of goals at risk counts, too."""
PLAN_TABS = (("sign", "To sign"), ("give", "Copy to give"), ("review", "Review due"), ("none", "No plan"))
GOAL_TABS = (("risk", "At risk"), ("stale", "Stale"), ("due", "Due soon"), ("review", "Review due"))


@dataclass(frozen=True, slots=True)
class Scored:
    """An assessment with its questionnaire and the band it fell in."""

    row: Assessment
    asked: Instrument
    band: Band

    @property
    def is_open_alarm(self) -> bool:
        return self.row.alarm and not hasattr(self.row, "answered")


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan with all that hangs on it.

    Attributes:
        version: the plan as it stands; None before the first one.
        signed: the latest version that was signed.
        imported: a plan that another system told of, when none was signed here.
        goals: by code, the goals as rows, each with its last reading.
    """

    head: PlanHead | None
    version: PlanVersion | None
    signed: PlanVersion | None
    imported: CarePlan | None
    care_plan: CarePlan | None
    deliveries: list[PlanDelivery]
    content: Content
    elements: list[Element]
    hints: list[str]
    goals: dict[str, Goal]
    assessments: list[Scored]

    @property
    def missing(self) -> list[Element]:
        return [one for one in self.elements if one.is_in_the_way]

    @property
    def alarms(self) -> list[Scored]:
        return [one for one in self.assessments if one.is_open_alarm]

    @property
    def is_signed_as_it_stands(self) -> bool:
        return self.version is not None and self.signed is not None and self.version.number == self.signed.number

    @property
    def is_copy_given(self) -> bool:
        """Was a copy of the latest signed version given?"""
        return self.signed is not None and any(one.version_id == self.signed.pk for one in self.deliveries)


def plan_page(patient: Patient, program: str, on: date) -> PlanPage:
    """Everything of a plan's page; one query a table."""
    head = PlanHead.objects.filter(patient=patient, program=program).first()
    versions = PlanVersion.objects.filter(patient=patient, program=program)
    version = versions.select_related("made_by__user").first()
    signed = versions.filter(signature__isnull=False).select_related("signature__practitioner").first()
    rows = list(
        CarePlan.objects.filter(patient=patient, program=program).order_by(F("version").desc(nulls_last=True), "-pk")
    )
    content = version.content if version else empty()
    return PlanPage(
        head=head,
        version=version,
        signed=signed,
        imported=next((row for row in rows if row.version_id is None), None) if signed is None else None,
        care_plan=rows[0] if rows else None,
        deliveries=list(deliveries_of(patient, program)),
        content=content,
        elements=elements_of(content, program, on),
        hints=list(hints(content, codes_of(patient))) if version else [],
        goals={row.code: row for row in with_last_reading(Goal.objects.filter(patient=patient))},
        assessments=scored(patient),
    )


def deliveries_of(patient: Patient, program: str) -> QuerySet[Any]:
    """Copies given, the latest first."""
    found = PlanDelivery.objects.filter(patient=patient, version__program=program)
    return found.select_related("version", "by__user")


def versions_of(patient: Patient, program: str) -> QuerySet[Any]:
    """Every version, the latest first, without what it holds."""
    found = PlanVersion.objects.filter(patient=patient, program=program).defer("content")
    return found.select_related("made_by__user", "signature__practitioner")


def scored(patient: Patient, instrument: str | None = None) -> list[Scored]:
    """The patient's assessments, the latest first."""
    found = Assessment.objects.filter(patient=patient).select_related("answered", "by__user")
    if instrument is not None:
        found = found.filter(instrument=instrument)
    known = instruments()
    return [Scored(row, known[row.instrument], known[row.instrument].band(row.score)) for row in found]


def latest_of_each(found: list[Scored]) -> list[Scored]:
    """The latest assessment of each questionnaire."""
    return list({one.row.instrument: one for one in reversed(found)}.values())


def readings_of(goal: Goal) -> list[Reading]:
    """A goal's readings in order of time; those taken back have ``withdrawal``."""
    found = Reading.objects.filter(goal=goal, withdraws__isnull=True)
    return list(found.select_related("by__user", "withdrawal"))


def with_last_reading(goals: Iterable[Goal]) -> list[Goal]:
    """Goals with value and day of the last reading that stands, as ``last_value`` and ``last_on``.

    One query without a join for a page of goals: a subquery is looked up for every goal of the practice before they are
    sorted, and a join on what was withdrawn is not answered from the goals' index.
    """
    found = list(goals)
    rows = list(Reading.objects.filter(goal__in=found).order_by("on", "pk"))
    gone = {row.withdraws_id for row in rows}
    last = {row.goal_id: row for row in rows if row.withdraws_id is None and row.pk not in gone}
    for goal in found:
        row = last.get(goal.pk)
        goal.last_value, goal.last_on = (row.value, row.on) if row else (None, None)
    return found


def goal_list(tab: str, on: date, mine: Person | None = None) -> QuerySet[Any]:
    """Goals of living patients that want a look, by tab; the longest overdue first."""
    open_ = Goal.objects.filter(patient__died_on__isnull=True)
    wanted = {
        "risk": Q(status__in=AT_RISK),
        "stale": ~Q(status__in=ENDED) & (Q(reviewed_on__isnull=True) | Q(due_on__lt=on)),
        "due": ~Q(status__in=ENDED) & Q(due_on__gte=on, due_on__lte=on + timedelta(days=SOON_DAYS)),
        "review": ~Q(status__in=ENDED) & Q(next_review_on__lte=on),
    }
    found = open_.filter(wanted.get(tab, wanted["risk"]))
    if mine is not None:
        found = found.filter(patient__care_manager=mine)
    return found.select_related("patient", "patient__care_manager").order_by(F("due_on").asc(nulls_last=True), "pk")


def plan_list(tab: str, on: date, mine: Person | None = None) -> QuerySet[Any]:
    """Plans that wait for someone, by tab; under ``none``, patients in a program without a plan."""
    if tab == "none":
        return _without_plan(mine)
    wanted = {
        "sign": Q(signed_number__isnull=True) | Q(signed_number__lt=F("number")),
        "give": Q(signed_number__isnull=False)
        & (Q(given_number__isnull=True) | Q(given_number__lt=F("signed_number"))),
        "review": Q(review_due_on__lte=on),
    }
    found = PlanHead.objects.filter(wanted.get(tab, wanted["sign"]), patient__died_on__isnull=True, number__gt=0)
    if mine is not None:
        found = found.filter(patient__care_manager=mine)
    return found.select_related("patient", "patient__care_manager").order_by(
        "patient__family_name", "patient__given_name", "pk"
    )


def _without_plan(mine: Person | None) -> QuerySet[Any]:
    latest = ProgramStatus.objects.filter(patient=OuterRef("pk"), program="ccm").order_by("-on", "-pk")
    rows = CarePlan.objects.filter(patient=OuterRef("pk"), program="ccm", established_on__isnull=False)
    begun = PlanHead.objects.filter(patient=OuterRef("pk"), program="ccm", number__gt=0)
    found = Patient.objects.annotate(status=Subquery(latest.values("status")[:1]))
    found = found.filter(~Exists(rows), ~Exists(begun), status__in=("consented", "enrolled"), died_on__isnull=True)
    if mine is not None:
        found = found.filter(care_manager=mine)
    return found.select_related("care_manager").order_by("family_name", "given_name", "pk")


def last_with(patient: Patient, program: str, part: str, item_id: str) -> PlanVersion | None:
    """The latest version of a plan that holds an item; None when none ever did."""
    rows = PlanVersion.objects.select_related("made_by__person", "made_by__user").filter(
        patient=patient, program=program
    )
    return next((row for row in rows.iterator(chunk_size=20) if item_of(row.content, part, item_id)), None)
