"""The worklist: who needs what today, ranked by what matters now, in a bounded number of queries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    Exists,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from careledger.core.month import Month
from careledger.web.billing.models import Standing
from careledger.web.patients.models import Condition, Patient, Stay
from careledger.web.plans.models import Goal
from careledger.web.tenancy.models import Person
from careledger.web.timers.models import TimeEntry

DISCHARGED_DAYS = 14
"""How long a discharge keeps a patient near the top. A house value."""
NEARLY_S = 300
"""Minutes to a threshold that are worth a call now. A house value."""
ENDED = ("achieved", "completed", "cancelled", "rejected")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What someone asks of the list."""

    words: str = ""
    state: str = ""
    mine: Person | None = None
    manager: int | None = None


def worklist(on: date, wanted: Wanted) -> list[int]:
    """Ids of the patients wanted, the most pressing first; only what ranks them is read for everyone.

    Four short queries and a sort here: as one query, each mention of where a month stands is looked up anew.
    """
    found = _matching(Patient.objects.filter(died_on__isnull=True), wanted).order_by()
    names = list(found.values_list("family_name", "given_name", "pk"))
    months = {pk: (state, counted, needed) for pk, state, counted, needed in _months(on)}
    discharged, overdue = set(_discharges(on).values_list("patient", flat=True)), _with_overdue_goals(on)
    ranked = []
    for family, given, pk in names:
        state, counted_s, needed_s = months.get(pk, ("none", 0, None))
        if not wanted.state or state == wanted.state:
            press = pressing(state, counted_s, needed_s, pk in discharged, pk in overdue)
            ranked.append((-press, needed_s is None, needed_s or 0, family or "", given or "", pk))
    return [row[-1] for row in sorted(ranked)]


def pressing(state: str, counted_s: int, needed_s: int | None, is_discharged: bool, is_overdue: bool) -> int:
    """What matters now: a discharge, minutes within reach, what blocks, a person's word, overdue goals."""
    if is_discharged:
        return 100
    if state == "minutes":
        return 90 if needed_s is not None and needed_s <= NEARLY_S else 60
    if state == "blocked":
        return 80 if counted_s > 0 else 50
    if state == "person":
        return 70
    return 40 if is_overdue else 20 if state == "ready" else 0


def _months(on: date) -> QuerySet[Any]:
    """Where each patient's month stands; of several practitioners' the first, since it is read last."""
    rows = Standing.objects.filter(month=str(Month.of(on))).order_by("-pk")
    return rows.values_list("patient", "state", "counted_s", "needed_s")


def _with_overdue_goals(on: date) -> set[int]:
    late = Goal.objects.filter(due_on__lt=on).exclude(status__in=ENDED).order_by()
    return set(late.values_list("patient", flat=True))


def rows_of(on: date, ids: Iterable[int]) -> list[Any]:
    """The rows of a page of the worklist, in the order of the ids."""
    wanted = list(ids)
    found = (
        Patient.objects.filter(pk__in=wanted)
        .select_related("care_manager")
        .annotate(
            stands=Coalesce(_standing(on, "state"), Value("none")),
            counted_s=Coalesce(_standing(on, "counted_s"), Value(0)),
            needed_s=_standing(on, "needed_s"),
            next_code=_standing(on, "next_code"),
            bills=_standing(on, "bills"),
            blockers=_standing(on, "blockers"),
            discharged_on=_discharged(on),
            overdue_goals=Exists(_overdue(on)),
        )
    )
    last = _last_work(wanted)
    by_id = {}
    for row in found:
        row.last_on = last.get(row.pk)
        by_id[row.pk] = with_lists(row)
    return [by_id[pk] for pk in wanted]


def _standing(on: date, column: str) -> Subquery:
    """A column of where the patient's month stands."""
    rows = Standing.objects.filter(patient=OuterRef("pk"), month=str(Month.of(on))).order_by("pk")
    return Subquery(rows.values(column)[:1])


def with_lists(row: Any) -> Any:
    """A row of the worklist with its lists read: codes to bill, and what stands in the way first."""
    row.bills_list = _read(row.bills)
    blockers = _read(row.blockers)
    row.first_blocker = blockers[0] if blockers else None
    return row


def _read(value: Any) -> list[Any]:
    """A JSON column that came through a subquery; some databases hand it over as text."""
    return json.loads(value) if isinstance(value, str) else value or []


def tallies(on: date, mine: Person | None) -> dict[str, int]:
    """How many patients stand where this month."""
    found = Standing.objects.filter(month=str(Month.of(on)), patient__died_on__isnull=True)
    if mine is not None:
        found = found.filter(patient__care_manager=mine)
    return dict(found.values_list("state").annotate(count=Count("patient", distinct=True)))


def _matching(found: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    if wanted.mine is not None:
        found = found.filter(care_manager=wanted.mine)
    if wanted.manager is not None:
        found = found.filter(care_manager=wanted.manager)
    for word in wanted.words.split():
        plain = word.replace(".", "").replace(",", "")
        ill = Condition.objects.filter(patient=OuterRef("pk"), icd10__istartswith=plain)
        dotted = Condition.objects.filter(patient=OuterRef("pk"), icd10__istartswith=word)
        named = Q(family_name__istartswith=plain) | Q(given_name__istartswith=plain) | Q(code__iexact=plain)
        found = found.filter(named | Exists(ill) | Exists(dotted))
    return found


def _discharged(on: date) -> Subquery:
    stays = _discharges(on).filter(patient=OuterRef("pk")).order_by("-until")
    return Subquery(stays.values("until")[:1])


def _discharges(on: date) -> QuerySet[Any]:
    stays: QuerySet[Any] = Stay.objects.filter(until__range=(on - timedelta(days=DISCHARGED_DAYS), on)).order_by()
    return stays


def _overdue(on: date) -> QuerySet[Any]:
    goals: QuerySet[Any] = Goal.objects.filter(patient=OuterRef("pk"), due_on__lt=on).exclude(status__in=ENDED)
    return goals


def _last_work(patients: list[int]) -> dict[int, date]:
    """The last day of work for each of a page's patients; in a query of its own, which costs a tenth of a subquery."""
    work = TimeEntry.objects.current().filter(patient__in=patients).order_by().values_list("patient")
    return dict(work.annotate(last=Max("worked_on")))
