"""Approval by a second person: who worked, or who recorded it, never approves it. Only the last verdict counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import locked_organisation
from careledger.web.timers.actions import TimeRefused
from careledger.web.timers.models import TimeApproval, TimeEntry
from careledger.web.timers.verdicts import APPROVED, RETURNED, name_of, with_verdict

MOST = 200


@transaction.atomic
def approve(*, acting_user: Membership, entries: Iterable[int]) -> int:
    """Approve entries; returns how many were not before. The same again changes nothing.

    Raises:
        TimeRefused: none is chosen, one is the approver's own, or one was corrected meanwhile.
    """
    rows = _locked(entries)
    if not rows:
        raise TimeRefused("no entry is chosen", "tick at least one")
    for row in rows:
        _check(acting_user, row)
    fresh = [row for row in rows if row.verdict != APPROVED]
    for row in fresh:
        _keep(acting_user, row, APPROVED, "")
    return len(fresh)


@transaction.atomic
def give_back(*, acting_user: Membership, entry: int, reason: str) -> None:
    """Give an entry back to who worked, with the reason; it does not count until it is corrected or approved after all.

    Raises:
        TimeRefused: no reason, the approver's own entry, or one that was corrected meanwhile.
    """
    if not reason.strip():
        raise TimeRefused("no reason is given", "say what is to be corrected", "reason")
    for row in _locked([entry]):
        _check(acting_user, row)
        if row.verdict != RETURNED:
            _keep(acting_user, row, RETURNED, reason.strip()[:300])


def _locked(entries: Iterable[int]) -> list[Any]:
    """The entries, with the organisation locked so that two verdicts come one after the other."""
    locked_organisation()
    chosen = list(dict.fromkeys(entries))[:MOST]
    return list(
        with_verdict(TimeEntry.objects.filter(pk__in=chosen)).select_related("patient", "by").order_by("sequence")
    )


def _check(member: Membership, row: TimeEntry) -> None:
    if row.by_id == member.person_id or row.recorded_by == name_of(member):
        raise TimeRefused(
            "this is your own work, or you recorded it yourself",
            "someone else approves it; leave it out of your choice",
        )
    if row.kind == "voided" or TimeEntry.objects.filter(corrects=row).exists():
        raise TimeRefused(
            "an entry was corrected meanwhile", "load the page again and look at what stands in its place"
        )


def _keep(member: Membership, row: Any, verdict: str, reason: str) -> None:
    made = TimeApproval.objects.create(entry=row, verdict=verdict, reason=reason, by=member, at=timezone.now())
    patient: Patient = row.patient
    after = {"entry": row.entry_id, "verdict": verdict, "reason": reason}
    before = {"verdict": row.verdict}
    record(acting_user=member, action=f"time.{verdict}", patient=patient, target=made, before=before, after=after)
