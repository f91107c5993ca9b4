"""Writing aims, their points, cycles and notes, each with its row in the audit log."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.oversight.models import Aim, AimNote


@transaction.atomic
def keep(*, acting_user: Membership, row: models.Model, action: str, **told: Any) -> None:
    """Keep an aim, a point or a cycle as it was filled in.

    Args:
        action: as the audit log names it.
        told: what the log says of it.
    """
    row.save()
    record(acting_user=acting_user, action=action, target=row, after=told or None)


@transaction.atomic
def note(*, acting_user: Membership, aim: Aim, text: str) -> AimNote:
    """Keep something worth knowing about an aim."""
    row: AimNote = AimNote.objects.create(aim=aim, text=text, by=acting_user, at=timezone.now())
    record(acting_user=acting_user, action="aim.noted", target=row)
    return row
