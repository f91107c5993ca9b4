"""Public keys of clients: read from what was registered, or fetched from the address that was."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings
from django.core.cache import cache

from careledger.core.errors import CareLedgerError
from careledger.fhir.server.login import ServerError, bounded_json
from careledger.web.fhir_api.models import BackendClient

KEPT_S = 300
"""Seconds a fetched set of keys is good for."""
_MOST_KEYS, _MOST_BYTES, _PATIENCE_S = 20, 64 * 1024, 5.0
_KINDS = {"RS384": ("RSA", None), "ES384": ("EC", "P-384")}
_SMALLEST_RSA_BITS = 2048


class KeysRefused(CareLedgerError):
    """Keys that cannot be used: what is wrong and what to do."""


def keys_of(client: BackendClient, kid: str | None, algorithm: str) -> Iterator[Any]:
    """The client's keys that may have signed: those of the algorithm, and of the ``kid`` where one is named."""
    told = client.jwks if not client.jwks_url else _fetched(client.jwks_url)
    for jwk in _listed(told):
        if _fits(jwk, algorithm) and (kid is None or jwk.get("kid") == kid):
            try:
                yield jwt.PyJWK(dict(jwk), algorithm).key
            except jwt.PyJWTError:
                continue


def checked_keys(told: Any) -> dict[str, Any]:
    """A set of public keys as it is kept.

    Raises:
        KeysRefused: no usable key, or a private one, which must never leave its owner.
    """
    if any("d" in jwk or "k" in jwk for jwk in _listed(told)):
        raise KeysRefused("the set holds a private or secret key; give the public keys only, and make a new pair")
    usable = [jwk for jwk in _listed(told) if any(_fits(jwk, one) for one in _KINDS)]
    if not usable:
        raise KeysRefused("no key to sign in with; give an RSA key of 2048 bits or more, or one on P-384, as a JWKS")
    for jwk in usable:
        try:
            jwt.PyJWK(dict(jwk), "RS384" if jwk["kty"] == "RSA" else "ES384")
        except jwt.PyJWTError:
            raise KeysRefused("a key cannot be read; export the set again") from None
    return {"keys": [dict(jwk) for jwk in usable]}


def checked_address(url: str) -> str:
    """An address that keys may be fetched from: https, on a machine the public may reach.

    Raises:
        KeysRefused: another scheme, or a machine of the clinic's own network.
    """
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        raise KeysRefused("this is no address; correct it, or give the keys themselves") from None
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise KeysRefused("keys are fetched by https only; give such an address, or the keys themselves")
    if not settings.FHIR_KEYS_FROM_ANYWHERE and not _is_public(parts.hostname, port or 443):
        raise KeysRefused("the address is not on the public network; give the keys themselves")
    return url


def _fetched(url: str) -> Any:
    name = f"fhir:jwks:{url}"
    held = cache.get(name)
    if held is None:
        try:
            checked_address(url)
            held = bounded_json("GET", url, most_bytes=_MOST_BYTES, timeout_s=_PATIENCE_S)
        except (ServerError, KeysRefused):
            return None
        cache.set(name, held, KEPT_S)
    return held


def _is_public(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ip_address(str(one[4][0]).partition("%")[0]).is_global for one in found)


def _listed(told: Any) -> list[Mapping[str, Any]]:
    keys = told.get("keys") if isinstance(told, dict) else None
    found: list[Mapping[str, Any]] = [one for one in keys if isinstance(one, dict)] if isinstance(keys, list) else []
    return found[:_MOST_KEYS]


def _fits(jwk: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = _KINDS[algorithm]
    if jwk.get("kty") != kind or jwk.get("crv") != curve or jwk.get("use", "sig") != "sig":
        return False
    return kind != "RSA" or len(str(jwk.get("n", ""))) * 6 >= _SMALLEST_RSA_BITS
