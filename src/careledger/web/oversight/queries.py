"""Reading oversight: who stands behind a number, the months to choose from, and pictures as coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from careledger.core.month import Month
from careledger.oversight.measures.compute import Measured
from careledger.oversight.measures.retention import Stayed
from careledger.web.patients.models import Patient
from careledger.web.plans.models import Goal
from careledger.web.tenancy.models import Person

MONTHS_BACK = 12
GROUPS = {
    "funnel": "Funnel",
    "retention": "Stopping early",
    "goals": "Goals",
    "gaps": "Care gaps",
    "money": "Denials",
}
"""The cockpit's groups of measures, in order."""
TITLES = {
    "eligible": "Eligible", "invited": "Invited", "consented": "Consented", "enrolled": "Enrolled", "with_plan": "With a plan",
    "active": "Active this month", "billable": "Billable", "billed": "Billed", "paid": "Paid",
    "one_month_only": "One month only", "goals_met": "Goals met", "goals_at_risk": "Goals at risk",
    "goals_stale": "Goals stale", "no_contact": "No contact", "no_copy": "No copy of the plan",
    "plan_unreviewed": "Plan unreviewed", "claims_denied": "Claims denied",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a chart with what it says."""

    x: float
    y: float
    label: str
    says: str


def months_to_choose(today: date) -> list[Month]:
    """This month and those before it."""
    found = [Month.of(today)]
    while len(found) < MONTHS_BACK:
        found.append(found[-1].previous())
    return found


def month_named(text: str | None, today: date) -> Month:
    """The month a request names, this one when it names none that is known."""
    return next((one for one in months_to_choose(today) if str(one) == text), Month.of(today))


def patients_behind(measure: Measured) -> list[Patient]:
    """The patients in a numerator; for goals, whose goals they are; none for claims."""
    units = list(measure.units)
    if measure.measure.group == "money":
        return []
    if measure.measure.group == "goals":
        found = Patient.objects.filter(pk__in=Goal.objects.filter(code__in=units).values("patient")).distinct()
    else:
        found = Patient.objects.filter(code__in=units)
    return list(found.order_by("family_name", "given_name"))


def staff_names(rows: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Minutes by staff with people's names for their codes."""
    names = {person.code: str(person) for person in Person.objects.all()}
    return [(names.get(code, code), minutes, patients) for code, minutes, patients in rows]


def curve_points(curve: Sequence[Stayed], width: int = 620, height: int = 180) -> list[Point]:
    """The retention curve in a picture's coordinates, without the months in which nobody is followed."""
    known = [(one, one.percent) for one in curve if one.percent is not None]
    step = width / max(len(known) - 1, 1)
    return [
        Point(
            round(40 + place * step, 1), round(14 + height * (1 - percent / 100), 1), str(one.after), f"{percent:.0f}%"
        )
        for place, (one, percent) in enumerate(known)
    ]


def line_of(points: Sequence[Point]) -> str:
    """Points as an SVG polyline."""
    return " ".join(f"{point.x},{point.y}" for point in points)
