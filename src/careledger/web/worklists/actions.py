"""Saved views, and who looks after whom."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.patients.actions import assign
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Person
from careledger.web.worklists.models import SavedView

MOST_VIEWS, MOST_ASSIGNED = 20, 500


class WorklistRefused(CareLedgerError):
    """What may not be done with the list: what is wrong and what to do."""


@transaction.atomic
def save_view(*, acting_user: Membership, name: str, query: str) -> SavedView:
    """Keep a view for oneself; the same name again replaces what it asks.

    Raises:
        WorklistRefused: no name, or too many views.
    """
    name = " ".join(name.split())[:40]
    if not name:
        raise WorklistRefused("Give the view a name.")
    own = SavedView.objects.filter(membership=acting_user)
    before = own.filter(name=name).first()
    if before is None and own.count() >= MOST_VIEWS:
        raise WorklistRefused(f"{MOST_VIEWS} views are kept at most; remove one first.")
    row, _ = SavedView.objects.update_or_create(membership=acting_user, name=name, defaults={"query": query[:300]})
    if before is None or before.query != row.query:
        was = None if before is None else {"query": before.query}
        record(acting_user=acting_user, action="view.saved", target=row, before=was, after={"name": name})
    return row


@transaction.atomic
def remove_view(*, acting_user: Membership, view_id: int) -> None:
    """Forget a view of one's own; one that is gone already stays gone."""
    row = SavedView.objects.filter(membership=acting_user, pk=view_id).first()
    if row is not None:
        record(acting_user=acting_user, action="view.removed", target=row, before={"name": row.name})
        row.delete()


@transaction.atomic
def assign_all(*, acting_user: Membership, patients: Iterable[int], care_manager: Person | None) -> int:
    """Give patients a care manager, or none; returns how many changed hands.

    Raises:
        WorklistRefused: nobody is chosen, or too many at once.
    """
    chosen = list(dict.fromkeys(patients))
    if not chosen:
        raise WorklistRefused("Choose at least one patient: tick the box before the name, or press x on the row.")
    if len(chosen) > MOST_ASSIGNED:
        raise WorklistRefused(f"{MOST_ASSIGNED} patients can be assigned at once.")
    changed = 0
    for patient in Patient.objects.select_for_update(of=("self",)).filter(pk__in=chosen).order_by("pk"):
        if patient.care_manager_id != (care_manager.pk if care_manager else None):
            assign(acting_user=acting_user, patient=patient, care_manager=care_manager)
            changed += 1
    return changed
