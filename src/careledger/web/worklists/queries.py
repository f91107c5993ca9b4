"""The worklist: who needs what today, ranked by what matters now, in a bounded number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from careledger.core.month import Month
from careledger.web.billing.models import Standing
from careledger.web.patients.models import Condition, Consent, ConsentRevocation, Patient, Stay
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.timers.models import TimeEntry

DISCHARGED_DAYS = 14
"""How long a discharge keeps a patient near the top. A house value."""
NEARLY_S = 300
"""Minutes to a threshold that are worth a call now. A house value."""
ENDED = ("achieved", "sustaining", "not-attainable", "completed", "cancelled", "rejected")
NEEDS = (
    ("contact", "No work yet this month"),
    ("consent", "Consent missing"),
    ("plan", "Plan missing"),
    ("goal", "Goal overdue"),
    ("discharge", "Recent discharge"),
)
"""What a list may be cut down to, beside where the month stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What someone asks of the list.

    Attributes:
        needs: ids of ``NEEDS``; a patient must have all of them.
        least_s, most_s: counted seconds this month.
    """

    words: str = ""
    state: str = ""
    mine: int | None = None
    manager: int | None = None
    needs: tuple[str, ...] = ()
    least_s: int | None = None
    most_s: int | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Ids of the patients wanted, the most pressing first.

    Attributes:
        tallies: how many stand where, before a state is chosen.
        discharged: the latest discharge of those who had one lately.
        overdue: patients with an overdue goal.
    """

    ids: list[int]
    tallies: dict[str, int]
    discharged: dict[int, date]
    overdue: set[int]


def worklist(on: date, wanted: Wanted) -> Ranked:
    """The patients wanted, the most pressing first, then by name; only what ranks them is read for everyone.

    Four short queries and a sort here: as one query, each mention of where a month stands is looked up anew.
    """
    found = _matching(Patient.objects.filter(died_on__isnull=True), wanted, on)
    by_name = found.order_by("family_name", "given_name", "pk").values_list("pk", flat=True)
    months = {pk: (state, counted, needed) for pk, state, counted, needed in _months(on)}
    discharged, overdue = (
        dict(_discharges(on).order_by("until").values_list("patient", "until")),
        _with_overdue_goals(on),
    )
    tallies: Counter[str] = Counter()
    ranked = []
    for pk in by_name:
        state, counted_s, needed_s = months.get(pk, _NOTHING)
        if not _within(counted_s, wanted):
            continue
        tallies[state] += 1
        if not wanted.state or state == wanted.state:
            press = pressing(state, counted_s, needed_s, pk in discharged, pk in overdue)
            ranked.append((-press, _FAR_S if needed_s is None else needed_s, pk))
    ranked.sort(key=_by_press)
    return Ranked([row[2] for row in ranked], dict(tallies), discharged, overdue)


_NOTHING = ("none", 0, None)
_FAR_S = 1 << 30
_by_press = itemgetter(0, 1)


def _within(counted_s: int, wanted: Wanted) -> bool:
    least, most = wanted.least_s, wanted.most_s
    return (least is None or counted_s >= least) and (most is None or counted_s <= most)


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
    return _stands(on).values_list("patient", "state", "counted_s", "needed_s")


def _stands(on: date) -> QuerySet[Any]:
    """Where months stand; of several practitioners' the first of a patient comes last, so that it is kept by patient."""
    rows: QuerySet[Any] = Standing.objects.filter(month=str(Month.of(on))).order_by("-pk")
    return rows


def _with_overdue_goals(on: date) -> set[int]:
    late = Goal.objects.filter(due_on__lt=on).exclude(status__in=ENDED).order_by()
    return set(late.values_list("patient", flat=True))


def rows_of(ranked: Ranked, ids: Iterable[int], on: date) -> list[Any]:
    """The rows of a page of the worklist, in the order of the ids.

    Short queries: as one, each column of where a month stands is a look-up of its own.
    """
    wanted = list(ids)
    stands = {row["patient"]: row for row in _stands(on).filter(patient__in=wanted).values("patient", *_SHOWN)}
    last = _last_work(wanted)
    found = Patient.objects.filter(pk__in=wanted).select_related("care_manager")
    by_id = {row.pk: row for row in found}
    for row in by_id.values():
        stand = stands.get(row.pk, {})
        row.stands, row.counted_s = stand.get("state", "none"), stand.get("counted_s", 0)
        row.needed_s, row.next_code = stand.get("needed_s"), stand.get("next_code")
        row.bills_list, blockers = stand.get("bills", []), stand.get("blockers", [])
        row.first_blocker = blockers[0] if blockers else None
        row.discharged_on, row.overdue_goals = ranked.discharged.get(row.pk), row.pk in ranked.overdue
        row.last_on = last.get(row.pk)
    return [by_id[pk] for pk in wanted]


_SHOWN = ("state", "counted_s", "needed_s", "next_code", "bills", "blockers")


def _matching(found: QuerySet[Any], wanted: Wanted, on: date) -> QuerySet[Any]:
    if wanted.mine is not None:
        found = found.filter(care_manager=wanted.mine)
    if wanted.manager is not None:
        found = found.filter(care_manager=wanted.manager or None)
    for need in wanted.needs:
        found = found.filter(_lacks(need, on))
    for word in wanted.words.split():
        plain = word.replace(".", "").replace(",", "")
        ill = Condition.objects.filter(patient=OuterRef("pk"), icd10__istartswith=plain)
        dotted = Condition.objects.filter(patient=OuterRef("pk"), icd10__istartswith=word)
        named = Q(family_name__istartswith=plain) | Q(given_name__istartswith=plain) | Q(code__iexact=plain)
        found = found.filter(named | Exists(ill) | Exists(dotted))
    return found


def _lacks(need: str, on: date) -> Any:
    """The condition of a patient who has a need of ``NEEDS``."""
    month, own = Month.of(on), OuterRef("pk")
    if need == "contact":
        days = (month.first_on, month.last_on)
        return ~Exists(TimeEntry.objects.current().filter(patient=own, worked_on__range=days))
    if need == "consent":
        over = ConsentRevocation.objects.filter(consent=OuterRef("pk"), on__lt=month.first_on)
        return ~Exists(Consent.objects.filter(patient=own).exclude(Exists(over)))
    if need == "plan":
        return ~Exists(CarePlan.objects.filter(patient=own))
    return Exists(_overdue(on)) if need == "goal" else Exists(_discharges(on).filter(patient=own))


def _discharges(on: date) -> QuerySet[Any]:
    stays: QuerySet[Any] = Stay.objects.filter(until__range=(on - timedelta(days=DISCHARGED_DAYS), on)).order_by()
    return stays


def _overdue(on: date) -> QuerySet[Any]:
    goals: QuerySet[Any] = Goal.objects.filter(patient=OuterRef("pk"), due_on__lt=on).exclude(status__in=ENDED)
    return goals


def _last_work(patients: list[int]) -> dict[int, date]:
    """The last day of work for each of a page's patients: the first row of an index each, not all that they have."""
    work = TimeEntry.objects.current().filter(patient=OuterRef("pk")).order_by("-worked_on").values("worked_on")[:1]
    found = Patient.objects.filter(pk__in=patients).order_by().annotate(last_on=Subquery(work))
    return dict(found.values_list("pk", "last_on"))
