"""The chain of the audit log: canonical text, hash, and what a broken chain shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from careledger.web.audit.models import AuditEvent, AuditHead

_FIELDS = ("sequence", "user_ref", "who", "role", "action", "target", "patient_ref", "before", "after", "previous_hash")


def origin(organisation_id: int) -> str:
    """What the first event of an organisation is chained to."""
    return hashlib.sha256(f"careledger.audit.1:{organisation_id}".encode()).hexdigest()


def digest(event: AuditEvent) -> str:
    """SHA-256 of the event's canonical text: JSON with sorted keys, the instant in microseconds UTC."""
    cells: dict[str, Any] = {name: getattr(event, name) for name in _FIELDS}
    cells["at"] = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return hashlib.sha256(json.dumps(cells, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def faults(organisation_id: int) -> list[str]:
    """Every fault of an organisation's chain: altered, missing, moved or cut off."""
    events = AuditEvent.everywhere.filter(organisation_id=organisation_id).order_by("sequence").iterator()
    head = AuditHead.objects.filter(organisation_id=organisation_id).first()
    return list(_faults(events, origin(organisation_id), head))


def _faults(events: Iterable[AuditEvent], previous: str, head: AuditHead | None) -> Iterator[str]:
    last = 0
    for event in events:
        if event.sequence != last + 1:
            yield f"missing: events {last + 1} to {event.sequence - 1}"
        elif event.previous_hash != previous:
            yield f"event {event.sequence}: not chained to the event before it"
        if digest(event) != event.hash:
            yield f"event {event.sequence}: altered, its content does not match its hash"
        previous, last = event.hash, event.sequence
    if head is not None and (head.sequence, head.hash) != (last, previous):
        yield f"cut off: the log ends at event {last}, {head.sequence} were written"
