"""Writing the audit log. Every action of every app calls ``record`` inside its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from careledger.web.audit.chain import digest, origin
from careledger.web.audit.models import AuditEvent, AuditHead
from careledger.web.tenancy.scope import current_organisation

if TYPE_CHECKING:
    from careledger.web.accounts.models import Membership
    from careledger.web.patients.models import Patient
    from careledger.web.tenancy.models import Organisation


@transaction.atomic(savepoint=False)  # part of what it tells of: where it fails, that fails too
def record(
    *,
    acting_user: Membership | None,
    action: str,
    patient: Patient | None = None,
    target: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append an event to the organisation's chain.

    A write to a patient also raises the patient's revision, by which pages know that what was decided is out of date.

    Args:
        acting_user: who acts; None for the system itself.
        action: dotted and past, such as ``consent.recorded``; a read ends in ``.read``.
        before: what stood before, plain values; None where nothing did.
        after: what stands now.
    """
    organisation = current_organisation()
    head = _locked_head(organisation)
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=timezone.now(),
        user_ref=acting_user.user_id if acting_user else None,
        who=str(acting_user.user) if acting_user else "the system",
        role=acting_user.role if acting_user else "",
        action=action,
        target=f"{target._meta.model_name} {target.pk}" if target is not None else "",
        patient_ref=patient.pk if patient is not None else None,
        before=_plain(before),
        after=_plain(after),
        previous_hash=head.hash,
    )
    event.hash = digest(event)
    event.save()
    AuditHead.objects.filter(pk=head.pk).update(sequence=event.sequence, hash=event.hash)
    if patient is not None and not action.endswith(".read"):
        type(patient).objects.filter(pk=patient.pk).update(revision=F("revision") + 1)
    return event


def _locked_head(organisation: Organisation) -> AuditHead:
    """Where the chain ends, locked until the transaction does; made with its first event."""
    locked = AuditHead.objects.select_for_update().filter(organisation=organisation)
    found: AuditHead | None = locked.first()
    if found is None:
        AuditHead.objects.get_or_create(organisation=organisation, defaults={"hash": origin(organisation.pk)})
        found = locked.get()
    return found


def record_read(*, acting_user: Membership, patient: Patient, page: str) -> None:
    """Note that someone opened a page of a chart."""
    record(acting_user=acting_user, action=f"{page}.read", patient=patient, target=patient)


def snapshot(row: models.Model, *names: str) -> dict[str, Any]:
    """The named fields of a row as the log keeps them; all of them without names."""
    chosen = names or tuple(field.attname for field in row._meta.concrete_fields)
    return _plain({name: getattr(row, name) for name in chosen}) or {}


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {name: _cell(value) for name, value in values.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, tuple | list):
        return [_cell(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool | dict) else str(value)
