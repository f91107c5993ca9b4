"""Closing a month: what stood is kept; what the record says later shows as adjustments, never as a silent change."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.core.month import Month
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.revenue.models import ClosedMonth
from careledger.web.tenancy.scope import locked_organisation

Bills = list[list[object]]


class ClosingRefused(CareLedgerError):
    """A month that may not be closed or opened now."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A patient's month that would be billed otherwise than when it was closed."""

    patient_id: int
    patient: str
    before: Bills
    now: Bills


def state_of(month: Month) -> ClosedMonth | None:
    """The last closing or opening of a month; None when it was never closed."""
    found: ClosedMonth | None = (
        ClosedMonth.objects.filter(month=str(month)).select_related("by__user").order_by("-pk").first()
    )
    return found


def is_closed(month: Month) -> bool:
    """Is the month closed at present?"""
    found = state_of(month)
    return found is not None and found.is_closed


@transaction.atomic
def close(*, acting_user: Membership, month: Month) -> ClosedMonth:
    """Close a month that is over: decide everyone once more and keep what stands. Closing a closed month changes nothing.

    Raises:
        ClosingRefused: the month is not over.
    """
    locked_organisation()  # of two who close or open a month at once, the second sees what the first did
    there = state_of(month)
    if there is not None and there.is_closed:
        return there
    on = timezone.localdate()
    if on <= month.last_on:
        raise ClosingRefused(f"the month is not over; it can be closed from {month.next().first_on} on")
    refresh(month, on)
    made: ClosedMonth = ClosedMonth.objects.create(
        month=str(month), is_closed=True, stood=_standing(month), by=acting_user, at=timezone.now()
    )
    record(
        acting_user=acting_user,
        action="month.closed",
        target=made,
        after={"month": str(month), "ready": len(made.stood)},
    )
    return made


@transaction.atomic
def reopen(*, acting_user: Membership, month: Month, because: str) -> ClosedMonth:
    """Open a closed month again, with a reason.

    Raises:
        ClosingRefused: it is not closed, or no reason is given.
    """
    locked_organisation()
    if not is_closed(month):
        raise ClosingRefused("the month is not closed")
    if len(because.strip()) < 5:
        raise ClosingRefused("say why it is opened again; the audit log keeps the reason")
    made: ClosedMonth = ClosedMonth.objects.create(
        month=str(month), is_closed=False, because=because.strip()[:500], by=acting_user, at=timezone.now()
    )
    record(
        acting_user=acting_user,
        action="month.reopened",
        target=made,
        after={"month": str(month), "because": made.because},
    )
    return made


def adjustments(month: Month) -> list[Adjustment]:
    """What would be billed otherwise than it stood when the month was closed, by name."""
    closed = state_of(month)
    if closed is None or not closed.is_closed:
        return []
    found = []
    rows = Standing.objects.filter(month=str(month)).select_related("patient", "biller")
    for row in rows.order_by("patient__family_name", "pk"):
        before, now = closed.stood.get(_key(row), []), row.bills if row.state == "ready" else []
        if before != now:
            found.append(Adjustment(row.patient_id, row.patient.name, before, now))
    return found


def _standing(month: Month) -> dict[str, Bills]:
    rows = Standing.objects.filter(month=str(month), state="ready").select_related("patient", "biller")
    return {_key(row): row.bills for row in rows}


def _key(row: Standing) -> str:
    return f"{row.patient.code} {row.biller.code}"
