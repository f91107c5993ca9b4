"""What left and what arrived stands in the audit log too, even when a server died between the two.

The claims store and the clinic's database are two files, each whole by itself. Whoever sends or posts next also notes what
a server that died after the one could not note in the other any more; it is noted as the system's doing.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from careledger.claims.store import Store
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.audit.models import AuditEvent
from careledger.web.tenancy.scope import locked_organisation

LATEST = 200
"""Batches and files that are looked at, the newest first; older ones were looked at often enough."""


@transaction.atomic
def note_batches(store: Store, member: Membership, own: set[int]) -> None:
    """Record every batch that the log does not know; those of one's own press under one's own name."""
    known = {after["batch"] for after in _logged("claims.sent")}
    rows = store.rows("SELECT batch_id, claims FROM batch ORDER BY batch_id DESC LIMIT ?", (LATEST,))
    for row in reversed(rows):
        if row["batch_id"] not in known:
            record(
                acting_user=member if row["batch_id"] in own else None,
                action="claims.sent",
                after={"batch": row["batch_id"], "claims": row["claims"]},
            )


@transaction.atomic
def note_files(store: Store, *, but: str = "") -> None:
    """Record every received file that the log does not know, but the one that is being told of by itself."""
    known = {(action, after.get("file")) for action in _ACTIONS for after in _logged(action)}
    sql = "SELECT file_id, kind, state FROM received_file WHERE file_id <> ? ORDER BY received_at DESC, file_id LIMIT ?"
    for row in reversed(store.rows(sql, (but, LATEST))):
        kind = "answers" if row["kind"] == "acknowledgement" else "remittance"
        action, file = f"{kind}.{row['state']}", row["file_id"][:12]
        if (action, file) not in known:
            record(acting_user=None, action=action, after={"file": file})


_ACTIONS = ("answers.posted", "remittance.posted", "remittance.quarantined")


def _logged(action: str) -> Iterator[dict[str, object]]:
    """What the log keeps of an action; two servers never note the same thing, one waits for the other."""
    locked_organisation()
    found = AuditEvent.objects.filter(action=action).order_by("-sequence").values_list("after", flat=True)
    yield from (after or {} for after in found[: 2 * LATEST])
