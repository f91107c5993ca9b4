"""Reading the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from careledger.web.audit.models import AuditEvent


def events(words: str = "", patient_ref: int | None = None) -> QuerySet[Any]:
    """Events of the organisation, newest first; those whose person, action or target has the words."""
    found = AuditEvent.objects.order_by("-sequence")
    if patient_ref is not None:
        found = found.filter(patient_ref=patient_ref)
    if words:
        found = found.filter(Q(who__icontains=words) | Q(action__icontains=words) | Q(target__icontains=words))
    return found
