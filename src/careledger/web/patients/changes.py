"""Two people at one chart, and one form sent twice: nothing is lost, and nothing is done twice.

A form carries the chart's revision as its reader saw it, and a token of its own. Every write raises the revision by one, with
one event in the audit log; so the last events of the log are what has happened since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Patient, SentForm
from careledger.web.patients.refusals import ChartRefused

LONGEST_TOKEN = 64


class ChartChanged(ChartRefused):
    """Someone changed the same part of the chart since the form was opened.

    Attributes:
        changes: their events, the latest first.
        revision: the chart's revision now; a form sent with it says that its writer has seen them.
    """

    def __init__(self, changes: Sequence[Any], revision: int) -> None:
        who = ", ".join(dict.fromkeys(change.who for change in changes))
        super().__init__(f"{who} changed this since you opened it; look at what changed, then save again")
        self.changes = list(changes)
        self.revision = revision


def locked(patient: Patient, seen: int | None = None, tables: Collection[str] = ()) -> Patient:
    """The patient's row, locked until the transaction ends.

    Args:
        seen: the revision the writer saw; None asks nothing.
        tables: names of models; changes to other tables than these do not matter. Empty: all matter.

    Raises:
        ChartChanged: one of the tables was written since.
    """
    row: Patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if seen is not None and row.revision > seen:
        changes = changes_since(row, seen, tables)
        if changes:
            raise ChartChanged(changes, row.revision)
    return row


def changes_since(patient: Patient, seen: int, tables: Collection[str] = ()) -> list[Any]:
    """Events of the audit log that wrote the patient's tables after a revision, the latest first."""
    writes = AuditEvent.objects.filter(patient_ref=patient.pk).exclude(action__endswith=".read").order_by("-sequence")
    found = writes[: max(0, patient.revision - seen)]
    return [event for event in found if not tables or event.target.partition(" ")[0] in tables]


def first_time(token: str) -> bool:
    """Is this form sent for the first time? Call it inside the transaction of what the form does."""
    if not token:
        return True
    _, is_new = SentForm.objects.get_or_create(token=token[:LONGEST_TOKEN])
    return bool(is_new)
