"""Sign-in of programs by their keys (SMART Backend Services): a signed assertion in, a token of five minutes out.

Source: HL7 SMART App Launch 2.2, Backend Services and client-confidential-asymmetric; RFC 7523. What is checked: the
signature with one of the client's keys by RS384 or ES384, issuer and subject, our token address as audience, an end within
five minutes, and that the assertion was never used before.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.fhir.held.server import SIGNATURES
from careledger.fhir.server.login import ASSERTION
from careledger.web.accounts.roles import may
from careledger.web.api.tokens import hash_of
from careledger.web.fhir_api.keys import keys_of
from careledger.web.fhir_api.models import AccessToken, BackendClient, SeenAssertion
from careledger.web.fhir_api.smart_scopes import granted

MARK = "clf_"
"""Every token of a sign-in begins with it, so that scanners of source code recognise one that leaked."""
LIFE = timedelta(minutes=5)
LONGEST_ASSERTION = timedelta(minutes=5)
_SLACK_S = 10
"""Seconds two clocks may differ."""
_LONGEST = 8_000
_CLAIMS = ("iss", "sub", "aud", "exp", "jti")


class SignInRefused(CareLedgerError):
    """A sign-in that is refused, with its OAuth error; what was sent is not repeated."""

    def __init__(self, error: str, says: str) -> None:
        super().__init__(says)
        self.error, self.says = error, says


def sign_in(form: Mapping[str, str], token_url: str) -> dict[str, Any]:
    """The answer to a token request.

    Raises:
        SignInRefused: the client is not known, its assertion proves nothing, or none of the scopes is its own.
    """
    if form.get("grant_type") != "client_credentials":
        raise SignInRefused("unsupported_grant_type", "the grant type is client_credentials")
    if form.get("client_assertion_type") != ASSERTION:
        raise SignInRefused("invalid_request", "sign in with a client assertion (private_key_jwt)")
    now = timezone.now()
    client, claims = _proven(form.get("client_assertion", ""), token_url, now)
    scopes = granted(form.get("scope", "").split(), client.scopes)
    if not scopes:
        raise SignInRefused("invalid_scope", "none of the scopes asked for was registered for this client")
    _use_once(client, str(claims["jti"]), datetime.fromtimestamp(int(claims["exp"]), UTC))
    return {
        "access_token": _token_for(client, scopes, now),
        "token_type": "bearer",
        "expires_in": int(LIFE.total_seconds()),
        "scope": " ".join(scopes),
    }


def find_access(plain: str) -> AccessToken | None:
    """The token in force that this text is, with its membership; None for anything else."""
    if not plain.startswith(MARK):
        return None
    found: AccessToken | None = (
        AccessToken.objects.filter(hash=hash_of(plain), expires_at__gt=timezone.now(), client__revoked_at=None)
        .filter(membership__is_active=True, membership__user__is_active=True)
        .select_related("membership__organisation", "membership__user", "client")
        .first()
    )
    return found if found is not None and may(found.membership.role, "tokens.make") else None


def _proven(assertion: str, token_url: str, now: datetime) -> tuple[BackendClient, dict[str, Any]]:
    """The client that signed, and its claims. Every failure reads the same: nobody learns which clients there are."""
    refused = SignInRefused("invalid_client", "the assertion proves no client that is registered here")
    if not 0 < len(assertion) <= _LONGEST:
        raise refused
    try:
        header = jwt.get_unverified_header(assertion)
        named = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except jwt.PyJWTError:
        raise refused from None
    client = _client(named)
    if client is None or header.get("alg") not in SIGNATURES:
        raise refused
    claims = _verified(assertion, client, header, token_url, now)
    if claims is None or not claims["iss"] == claims["sub"] == client.client_id:
        raise refused
    return client, claims


def _client(named: Any) -> BackendClient | None:
    if not isinstance(named, str):
        return None
    found: BackendClient | None = (
        BackendClient.objects.filter(client_id=named, revoked_at=None)
        .filter(membership__is_active=True, membership__user__is_active=True)
        .select_related("membership__organisation")
        .first()
    )
    return found if found is not None and may(found.membership.role, "tokens.make") else None


def _verified(
    assertion: str, client: BackendClient, header: Mapping[str, Any], token_url: str, now: datetime
) -> dict[str, Any] | None:
    """The claims of an assertion that one of the client's keys signed for us, and that ends soon."""
    options: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    for key in keys_of(client, header.get("kid"), str(header["alg"])):
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion, key, algorithms=[str(header["alg"])], audience=token_url, options=options
            )
            ends_s = int(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        at_s = now.timestamp()
        is_timely = at_s - _SLACK_S < ends_s <= at_s + LONGEST_ASSERTION.total_seconds() + _SLACK_S
        return claims if is_timely else None
    return None


def _use_once(client: BackendClient, jti: str, until: datetime) -> None:
    now = timezone.now()
    SeenAssertion.objects.filter(expires_at__lt=now - LIFE).delete()
    try:
        with transaction.atomic():
            SeenAssertion.objects.create(client=client, jti=hash_of(jti), expires_at=until)
    except IntegrityError:
        raise SignInRefused("invalid_client", "the assertion was used before; sign a new one each time") from None


def _token_for(client: BackendClient, scopes: list[str], now: datetime) -> str:
    AccessToken.objects.filter(expires_at__lt=now - LIFE).delete()
    plain = MARK + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        client=client, membership=client.membership, hash=hash_of(plain), scopes=tuple(scopes), expires_at=now + LIFE
    )
    BackendClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return plain
