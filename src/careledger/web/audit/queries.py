"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Search:
    """What the privacy officer looks for; an empty part does not narrow.

    Attributes:
        words: in the person's name, the action or the target.
        patient: a patient's code.
        kind: ``reads``, ``writes``, or the beginning of an action such as ``consent``.
        since, until: first and last day, in the practice's zone.
    """

    words: str = ""
    patient: str = ""
    person: int | None = None
    kind: str = ""
    since: date | None = None
    until: date | None = None


def events(search: Search) -> QuerySet[Any]:
    """Events of the organisation that a search finds, newest first."""
    found = AuditEvent.objects.order_by("-sequence")
    if search.patient:
        ids = Patient.objects.filter(code__iexact=search.patient).values("pk")
        found = found.filter(patient_ref__in=ids)
    if search.person is not None:
        found = found.filter(user_ref=search.person)
    if search.words:
        words = search.words
        found = found.filter(Q(who__icontains=words) | Q(action__icontains=words) | Q(target__icontains=words))
    return _between(_of_kind(found, search.kind), search.since, search.until)


def rows(search: Search) -> Iterator[tuple[str, ...]]:
    """The events a search finds as rows of a table, the oldest first; the heading row before them."""
    yield ("number", "at", "person", "role", "action", "target", "patient", "before", "after", "hash")
    codes = dict(Patient.objects.values_list("pk", "code"))
    for event in events(search).order_by("sequence").iterator(chunk_size=2000):
        yield (
            str(event.sequence),
            event.at.isoformat(),
            event.who,
            event.role,
            event.action,
            event.target,
            codes.get(event.patient_ref, ""),
            _told(event.before),
            _told(event.after),
            event.hash,
        )


def people() -> list[tuple[int, str]]:
    """Everyone who stands in the log, by name."""
    found = AuditEvent.objects.filter(user_ref__isnull=False).order_by().values_list("user_ref", "who").distinct()
    return sorted(dict(found).items(), key=lambda pair: pair[1])


def _of_kind(found: QuerySet[Any], kind: str) -> QuerySet[Any]:
    if kind == "reads":
        return found.filter(action__endswith=".read")
    if kind == "writes":
        return found.exclude(action__endswith=".read")
    return found.filter(action__startswith=kind) if kind else found


def _between(found: QuerySet[Any], since: date | None, until: date | None) -> QuerySet[Any]:
    if since is not None:
        found = found.filter(at__gte=_midnight(since))
    if until is not None:
        found = found.filter(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


def _told(cells: dict[str, Any] | None) -> str:
    return "; ".join(f"{name}={value}" for name, value in (cells or {}).items())
