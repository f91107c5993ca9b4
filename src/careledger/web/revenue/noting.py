"""What left and what arrived stands in the audit log too, even when a server died between the two.

The claims store and the clinic's database are two files, each whole by itself. Whoever sends or posts next also notes what
a server that died after the one could not note in the other any more; it is noted as the system's doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def note_hand(member: Membership, file_id: str, action: str = "file.received") -> None:
    """Record who hands a file in, or releases it, before it is posted: so the log names them whoever notes the posting."""
    record(acting_user=member, action=action, after={"file": _short(file_id)})


@transaction.atomic
def note_files(store: Store, file_id: str, told: Mapping[str, object]) -> None:
    """Record every posted or quarantined file that the log does not know, under the name of whoever handed it in last.

    Args:
        file_id: the file of one's own request.
        told: what is said of it besides; of the files of others only that they are there.
    """
    known = {(action, after.get("file")) for action in _ACTIONS for after in _logged(action)}
    sql = "SELECT file_id, kind, state FROM received_file WHERE file_id = ? OR received_at >= ? ORDER BY received_at, file_id"
    since = store.row("SELECT received_at FROM received_file ORDER BY received_at DESC LIMIT 1 OFFSET ?", (LATEST,))
    for row in store.rows(sql, (file_id, "" if since is None else since["received_at"])):
        kind = "answers" if row["kind"] == "acknowledgement" else "remittance"
        action, file = f"{kind}.{row['state']}", _short(row["file_id"])
        if (action, file) not in known:
            after = {"file": file, **(told if row["file_id"] == file_id else {})}
            record(acting_user=_hand(file), action=action, after=after)


_HANDS = ("file.received", "file.released")
_ACTIONS = ("answers.posted", "remittance.posted", "remittance.quarantined")


def _short(file_id: str) -> str:
    return file_id[:12]


def _hand(file: str) -> Membership | None:
    """Who handed a file in last; nobody when it came before the log kept that, or they have left."""
    found = AuditEvent.objects.filter(action__in=_HANDS, after__file=file).order_by("-sequence").first()
    return None if found is None else Membership.objects.filter(user_id=found.user_ref).first()


def _logged(action: str) -> Iterator[dict[str, object]]:
    """What the log keeps of an action; two servers never note the same thing, one waits for the other."""
    locked_organisation()
    found = AuditEvent.objects.filter(action=action).order_by("-sequence").values_list("after", flat=True)
    yield from (after or {} for after in found[: 2 * LATEST])
