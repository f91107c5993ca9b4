"""Registering programs that sign in by their keys, and ending them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.audit.actions import record
from careledger.web.fhir_api.keys import checked_address, checked_keys
from careledger.web.fhir_api.models import AccessToken, BackendClient
from careledger.web.fhir_api.views import SCOPES


class ClientRefused(CareLedgerError):
    """A client that may not be registered: what is wrong and what to do."""


def offered_to(role: str) -> list[str]:
    """The scopes someone in a role can give to a program."""
    return [one for one in SCOPES if may(role, "chart.write" if one.endswith(".cu") else "chart.read")]


@transaction.atomic
def register_client(
    *, acting_user: Membership, name: str, scopes: Sequence[str], jwks: Any = None, jwks_url: str = ""
) -> BackendClient:
    """Register a program that acts for oneself; it is known by its public keys, or by the address where they stand.

    Raises:
        ClientRefused: no name, or a scope the role cannot give; KeysRefused: keys that cannot be used.
    """
    if not name.strip():
        raise ClientRefused("the program has no name; say what it is")
    if not scopes or set(scopes) - set(offered_to(acting_user.role)):
        raise ClientRefused("choose at least one scope, of those your role can give")
    if bool(jwks_url) == bool(jwks):
        raise ClientRefused("give the public keys or the address where they stand, one of the two")
    row: BackendClient = BackendClient.objects.create(
        client_id=secrets.token_hex(16),
        name=name.strip(),
        membership=acting_user,
        jwks=checked_keys(jwks) if jwks else {},
        jwks_url=checked_address(jwks_url) if jwks_url else "",
        scopes=tuple(one for one in SCOPES if one in scopes),
        made_at=timezone.now(),
    )
    after = {"name": row.name, "client_id": row.client_id, "scopes": list(row.scopes)}
    record(acting_user=acting_user, action="fhir.client.registered", target=row, after=after)
    return row


@transaction.atomic
def revoke_client(*, acting_user: Membership, client: BackendClient) -> None:
    """End a program's access at once, its tokens too; ending it twice changes nothing."""
    if BackendClient.objects.filter(pk=client.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        AccessToken.objects.filter(client=client).delete()
        record(acting_user=acting_user, action="fhir.client.revoked", target=client, before={"name": client.name})
