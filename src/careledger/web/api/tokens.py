"""Making, finding and revoking tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.api.models import ApiToken
from careledger.web.api.scopes import offered_to
from careledger.web.audit.actions import record
from careledger.web.patients.models import Patient

MARK = "clt_"
"""Every token begins with it, so that scanners of source code recognise one that leaked."""
LONGEST_DAYS = 366
_USED_EVERY = timedelta(minutes=1)


class TokenRefused(CareLedgerError):
    """A token that may not be made: what is wrong and what to do."""


@transaction.atomic
def make_token(
    *, acting_user: Membership, name: str, scopes: Sequence[str], days: int, patient: Patient | None = None
) -> tuple[ApiToken, str]:
    """Make a token for oneself; returns its row and the token, which is shown this once.

    Raises:
        TokenRefused: no name, no scope, a scope the role cannot give, or too long a life.
    """
    if not name.strip():
        raise TokenRefused("the token has no name; say what will use it")
    if not scopes or set(scopes) - offered_to(acting_user.role).keys():
        raise TokenRefused("choose at least one scope, of those your role can give")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenRefused(f"a token lives 1 to {LONGEST_DAYS} days; choose a number between")
    plain = MARK + secrets.token_urlsafe(32)
    now = timezone.now()
    row = ApiToken.objects.create(
        membership=acting_user,
        name=name.strip(),
        start=plain[:12],
        hash=hash_of(plain),
        scopes=tuple(sorted(set(scopes))),
        made_at=now,
        expires_at=now + timedelta(days=days),
        patient=patient,
    )
    after = {"name": row.name, "scopes": list(row.scopes), "expires_at": row.expires_at}
    record(acting_user=acting_user, action="token.made", target=row, after=after)
    return row, plain


@transaction.atomic
def revoke_token(*, acting_user: Membership, token: ApiToken) -> None:
    """End a token at once; ending it twice changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        record(acting_user=acting_user, action="token.revoked", target=token, before={"name": token.name})


def find_token(plain: str) -> ApiToken | None:
    """The token in force that this text is, with its membership; None for anything else."""
    if not plain.startswith(MARK):
        return None
    now = timezone.now()
    found: ApiToken | None = (
        ApiToken.objects.filter(hash=hash_of(plain), revoked_at__isnull=True, expires_at__gt=now)
        .filter(membership__is_active=True, membership__user__is_active=True)
        .select_related("membership__organisation", "membership__user")
        .first()
    )
    if found is not None and not may(found.membership.role, "tokens.make"):
        return None  # the owner has become an auditor, who works on pages only
    if found is not None:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USED_EVERY)
        if found.last_used_at is None or found.last_used_at < now - _USED_EVERY:
            ApiToken.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found


def hash_of(plain: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(plain.encode()).hexdigest()
