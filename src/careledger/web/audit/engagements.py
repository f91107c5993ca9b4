"""Audits and their auditors: opening one, ending one, and narrowing every query of an auditor to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.core.month import Month
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.audit.models import AuditEvent, Engagement, EngagementMonth
from careledger.web.tenancy.scope import narrowed_to

AUDITOR = "auditor"
MOST_MONTHS = 12


class EngagementRefused(CareLedgerError):
    """An audit that may not be opened: what is wrong and what to do."""


@transaction.atomic
def open_engagement(
    *,
    acting_user: Membership,
    auditor: Membership,
    name: str,
    since: date,
    until: date,
    patients: Sequence[models.Model],
    months: Sequence[Month],
) -> Engagement:
    """Let an auditor read the patients' months for some days.

    Raises:
        EngagementRefused: not an auditor of this organisation, another audit at the same time, or nothing to look at.
    """
    if auditor.role != AUDITOR or auditor.organisation_id != acting_user.organisation_id:
        raise EngagementRefused("this person is no auditor here; give them the role first")
    if until < since or until < timezone.localdate():
        raise EngagementRefused("the audit ends before it begins, or has ended; correct its days")
    if not patients or not 1 <= len(months) <= MOST_MONTHS:
        raise EngagementRefused(f"name at least one patient, and 1 to {MOST_MONTHS} months")
    if _of(auditor).filter(since__lte=until, until__gte=since).exists():
        raise EngagementRefused("this auditor has another audit in those days; end it first")
    row = Engagement(membership=auditor, name=name.strip(), since=since, until=until)
    row.save()
    EngagementMonth.objects.bulk_create(
        EngagementMonth(
            engagement=row, patient_id=patient.pk, month=str(month), first_on=month.first_on, last_on=month.last_on
        )
        for patient in patients
        for month in months
    )
    after = {"auditor": auditor.pk, "since": since, "until": until, "patients": [one.pk for one in patients]}
    record(
        acting_user=acting_user, action="audit.opened", target=row, after={**after, "months": [str(m) for m in months]}
    )
    return row


@transaction.atomic
def end_engagement(*, acting_user: Membership, engagement: Engagement) -> None:
    """End an audit now; ending it twice changes nothing."""
    if Engagement.objects.filter(pk=engagement.pk, ended_at__isnull=True).update(ended_at=timezone.now()):
        record(acting_user=acting_user, action="audit.ended", target=engagement)


def engagement_of(member: Membership) -> Engagement | None:
    """The audit an auditor reads in today."""
    on = timezone.localdate()
    found: Engagement | None = _of(member).filter(since__lte=on, until__gte=on).first()
    return found


@contextmanager
def narrowed(member: Membership) -> Iterator[Engagement | None]:
    """For an auditor, every query inside sees the audit's patients and months only; without one, nobody's."""
    if member.role != AUDITOR:
        yield None
        return
    engagement = engagement_of(member)
    with narrowed_to(_Narrowing(engagement)):
        yield engagement


def check_month(engagement: Engagement | None, arguments: dict[str, Any]) -> None:
    """404 for an address of a month, or a patient's month, that the audit does not look at."""
    month = arguments.get("month")
    if month is None:
        return
    found = EngagementMonth.everywhere.filter(engagement=engagement, month=month)
    if "patient_id" in arguments:
        found = found.filter(patient_id=arguments["patient_id"])
    if engagement is None or not found.exists():
        raise Http404


class _Narrowing:
    """Cuts a query down to an audit's patients; rows of a month or a day to its months of theirs."""

    def __init__(self, engagement: Engagement | None) -> None:
        self._months = EngagementMonth.everywhere.filter(engagement=engagement)
        if engagement is None:
            self._months = self._months.none()

    def __call__(self, found: models.QuerySet[Any]) -> models.QuerySet[Any]:
        model = found.model
        if model._meta.label == "patients.Patient":
            return found.filter(pk__in=self._patients())
        if model is AuditEvent:
            return found.filter(patient_ref__in=self._patients())
        if model.patient_path:
            return found.filter(**{f"{model.patient_path}__in": self._patients()})
        fields = {field.name for field in model._meta.fields}
        if "patient" in fields:
            return found.filter(self._rows(fields))
        return found if model.for_auditors else found.none()

    def _patients(self) -> models.QuerySet[Any]:
        return self._months.values("patient")

    def _rows(self, fields: set[str]) -> Any:
        own = self._months.filter(patient=OuterRef("patient"))
        if "month" in fields:
            return Exists(own.filter(month=OuterRef("month")))
        if "worked_on" in fields:
            return Exists(own.filter(first_on__lte=OuterRef("worked_on"), last_on__gte=OuterRef("worked_on")))
        return Q(patient__in=self._patients())


def _of(member: Membership) -> Any:
    return Engagement.everywhere.filter(
        organisation=member.organisation_id, membership=member, ended_at__isnull=True
    ).order_by("pk")
