"""Reading a program as a whole."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Subquery

from careledger.core.month import Month
from careledger.web.billing.unblock import totals
from careledger.web.patients.models import STATUSES, Patient, ProgramStatus


def funnel(program: str) -> list[tuple[str, int]]:
    """How many patients have each status at present."""
    latest = ProgramStatus.objects.filter(patient=OuterRef("pk"), program=program).order_by("-on", "-pk")
    found = Patient.objects.annotate(now=Subquery(latest.values("status")[:1])).order_by().values_list("now")
    counts: dict[str | None, int] = dict(found.annotate(count=Count("pk")))
    return [("No status recorded", counts.get(None, 0)), *((label, counts.get(key, 0)) for key, label in STATUSES)]


def months(last: Month) -> list[tuple[Month, list[dict[str, Any]]]]:
    """The last month and the one before, by state."""
    return [(month, totals(month)) for month in (last, last.previous())]
