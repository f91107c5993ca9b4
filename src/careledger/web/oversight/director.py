"""The director's log over the clinic's tables, and what may be written to it.

It imports nothing of time, billing or claims but the reading of the director's own clinical stretches, for a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from careledger.core.errors import InputError, Place
from careledger.core.month import Month
from careledger.oversight.director import model
from careledger.oversight.director.statement import Statement, statement
from careledger.policy.view import PolicyView
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.oversight.models import DirectorAgreement, DirectorApproval, DirectorEntry
from careledger.web.timers.models import TimeEntry


class ClinicLog:
    """The log of the organisation in scope, as ``statement`` reads it."""

    def __init__(self, row: DirectorAgreement) -> None:
        self.row = row

    def agreement(self, agreement_id: str) -> model.Agreement:
        """The agreement this log was opened for."""
        row = self.row
        return model.Agreement(
            agreement_id=row.code, director=str(row.director), practice=row.organisation.name, approver=str(row.approver.user),
            signed_on=row.signed_on, starts_on=row.starts_on, ends_on=row.ends_on, rate_cents_per_hour=row.rate_cents_per_hour,
            cap_minutes_per_month=row.cap_minutes_per_month, duties=dict(row.duties), terms=tuple(row.terms),
        )  # fmt: skip

    def entries(self, agreement_id: str, month: Month) -> list[model.DirectorEntry]:
        """Entries of a month that stand."""
        found = self.row.entries.filter(
            on__range=(month.first_on, month.last_on), voids__isnull=True, voided_by__isnull=True
        )
        return [
            model.DirectorEntry(
                entry_id=one.pk, agreement_id=self.row.code, duty=one.duty, start_s=one.start_s, end_s=one.end_s, on=one.on,
                what=one.what, recorded_s=one.recorded_s,
            )
            for one in found
        ]  # fmt: skip

    def approval(self, agreement_id: str, month: Month) -> model.Approval | None:
        """The signature under a month."""
        row = self.row.approvals.select_related("approver__user").filter(month=str(month)).first()
        if row is None:
            return None
        return model.Approval(
            month=row.month, approver=str(row.approver.user), approved_on=row.approved_on, minutes=row.minutes,
            amount_cents=row.amount_cents, signature=row.signature,
        )  # fmt: skip


def statement_of(row: DirectorAgreement, month: Month, view: PolicyView) -> Statement:
    """A month's statement, warned where it overlaps the director's clinical time."""
    return statement(ClinicLog(row), row.code, month, view, _clinical(row, month))


def _clinical(row: DirectorAgreement, month: Month) -> list[tuple[str, int, int]]:
    found = TimeEntry.objects.current().filter(
        by=row.director, worked_on__range=(month.first_on, month.last_on), start_s__isnull=False, end_s__isnull=False
    )
    return list(found.values_list("entry_id", "start_s", "end_s"))


@transaction.atomic
def agree(*, acting_user: Membership, cells: Mapping[str, Any]) -> DirectorAgreement:
    """Record an agreement before any work under it; the approver is the one who records it, and not the director."""
    if acting_user.person_id is not None and acting_user.person_id == cells["director"].pk:
        raise _refused("approver", "the director may not approve their own time", "let another person record it")
    try:
        with transaction.atomic():
            row = DirectorAgreement.objects.create(approver=acting_user, **cells)
    except IntegrityError:
        raise _refused(
            "agreement", "its id is taken, or its dates, rate or cap do not fit",
            "sign before it starts, end after it starts, set rate and cap above nothing",
        ) from None  # fmt: skip
    record(acting_user=acting_user, action="director.agreed", target=row, after={"agreement": row.code})
    return row


@transaction.atomic
def log(*, acting_user: Membership, agreement: DirectorAgreement, duty: str, start_s: int, end_s: int, on: date, what: str) -> DirectorEntry:  # fmt: skip
    """Log a stretch of administrative work; only the director under the agreement writes it."""
    if acting_user.person_id != agreement.director_id:
        raise _refused("by", "only the director named in the agreement logs time under it", "sign in as the director")
    if duty not in agreement.duties:
        raise _refused("duty", "the agreement names no such duty", f"it names {', '.join(agreement.duties)}")
    if not agreement.starts_on <= on <= agreement.ends_on:
        raise _refused(
            "on", "the agreement is not in force on that day", f"it runs {agreement.starts_on} to {agreement.ends_on}"
        )
    _refuse_if_approved(agreement, on)
    now = int(timezone.now().timestamp())
    if end_s > now:
        raise _refused("stop", "the work ends in the future", "log it when it is done")
    row = DirectorEntry.objects.create(
        agreement=agreement,
        duty=duty,
        start_s=start_s,
        end_s=end_s,
        on=on,
        what=what,
        recorded_s=now,
        recorded_by=acting_user,
    )
    record(acting_user=acting_user, action="director.logged", target=row, after={"minutes": (end_s - start_s) // 60})
    return row


@transaction.atomic
def void(*, acting_user: Membership, entry: DirectorEntry, why: str) -> None:
    """Correct by adding: a row that voids another; log the right one anew."""
    if acting_user.person_id != entry.agreement.director_id:
        raise _refused("by", "only the director voids their own entries", "ask the director")
    if not why.strip():
        raise _refused("why", "a reason is missing", "say why the entry is wrong")
    if entry.voids_id is not None or DirectorEntry.objects.filter(voids=entry).exists():
        raise _refused("entry", "it does not stand any more", "name an entry that stands")
    _refuse_if_approved(entry.agreement, entry.on)
    row = DirectorEntry.objects.create(
        agreement=entry.agreement, duty=entry.duty, start_s=entry.start_s, end_s=entry.end_s, on=entry.on, what=entry.what,
        recorded_s=int(timezone.now().timestamp()), recorded_by=acting_user, voids=entry, why_void=why.strip()[:300],
    )  # fmt: skip
    record(acting_user=acting_user, action="director.voided", target=row, after={"voids": entry.pk})


@transaction.atomic
def approve(*, acting_user: Membership, agreement: DirectorAgreement, month: Month, signature: str, view: PolicyView) -> None:  # fmt: skip
    """Sign a month that is over; nothing can be logged into it afterwards."""
    today = timezone.localdate()
    if acting_user.pk != agreement.approver_id:
        raise _refused("approver", "the agreement names another approver", "let them sign")
    if month.last_on >= today:
        raise _refused("month", "the month is not over", "sign after its last day")
    if not signature.strip():
        raise _refused("signature", "the signature is missing", "type your name")
    if agreement.approvals.filter(month=str(month)).exists():
        raise _refused("month", "the month is signed already", "nothing is left to do")
    told = statement_of(agreement, month, view)
    row = DirectorApproval.objects.create(
        agreement=agreement, month=str(month), approver=acting_user, approved_on=today, minutes=told.minutes,
        amount_cents=told.amount_cents, signature=signature.strip()[:200],
    )  # fmt: skip
    record(acting_user=acting_user, action="director.approved", target=row, after={"month": str(month)})


def _refuse_if_approved(agreement: DirectorAgreement, on: date) -> None:
    if agreement.approvals.filter(month=str(Month.of(on))).exists():
        raise _refused("on", "the month is approved", "tell the approver; it belongs on a later statement")


def _refused(field: str, what: str, mend: str) -> InputError:
    return InputError(Place("director's log", field=field), what, mend)
