"""SMART Backend Services: a client signs who it is with its private key and gets a token for a few minutes.

Source: HL7 SMART App Launch 2.2, Backend Services.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from careledger.core.errors import CareLedgerError

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384")
LIFETIME_S = 240
"""Seconds an assertion is good for; servers refuse more than five minutes."""
EARLY_S = 30
"""Seconds before its end at which a token is renewed."""
PATIENCE = 4
"""How often a request is made anew after the network or the server failed."""
LONGEST_WAIT_S = 60.0


class ServerError(CareLedgerError):
    """A server could not be reached, refused, or answered what cannot be used. Carries no patient data."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the server.

    Attributes:
        id: the client id that the server gave.
        key: our private key, PEM.
        kid: which of our published keys it is.
        algorithm: RS384 for an RSA key, ES384 for one on P-384.
        scope: what is asked for.
    """

    id: str
    key: str = field(repr=False)
    kid: str | None = None
    algorithm: str = "RS384"
    scope: str = "system/*.rs"


class Session:
    """Requests to one server: signed in, patient with a busy server, and never with a token to another host."""

    def __init__(self, base: str, client: Client | None = None, *, timeout_s: float = 60.0) -> None:
        self.base = safe_address(base)
        self.client = client
        self._http = httpx.Client(timeout=timeout_s, follow_redirects=False)
        self._token: str | None = None
        self._until = 0.0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def url(self, path: str) -> str:
        """The address of a path at the server."""
        return f"{self.base}/{path.lstrip('/')}"

    def is_here(self, url: str) -> bool:
        """Does an address belong to the server itself?"""
        return urlsplit(url)[:2] == urlsplit(self.base)[:2]

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> httpx.Response:
        """One request. A busy server is waited for as long as it says; a lost connection is tried again.

        Raises:
            ServerError: it stays unreachable or busy, or a token would leave for another host.
        """
        if signed and not self.is_here(url):
            raise ServerError(f"{_host(url)} is not the server that was named; the token stays here")
        for attempt in range(PATIENCE + 1):
            known = {**(headers or {}), **(self._authorization() if signed else {})}
            try:
                answer = self._http.request(method, url, headers=known, content=content, params=params)
            except httpx.TransportError as lost:
                if attempt == PATIENCE:
                    raise ServerError(
                        f"{_host(url)} cannot be reached ({type(lost).__name__}); try again later"
                    ) from None
                _wait(2.0**attempt / 4)
                continue
            if answer.status_code == 401 and signed and self.client is not None and attempt == 0:
                self._token = None
                continue
            if answer.status_code not in (429, 502, 503, 504) or attempt == PATIENCE:
                return answer
            _wait(waits_s(answer, 2.0**attempt))
        raise AssertionError("unreachable")

    def stream(self, url: str, *, signed: bool) -> Any:
        """A download in pieces; the caller closes it."""
        if signed and not self.is_here(url):
            raise ServerError(f"{_host(url)} is not the server that was named; the token stays here")
        headers = {"Accept": "application/fhir+ndjson", **(self._authorization() if signed else {})}
        return self._http.stream("GET", safe_address(url), headers=headers)

    def _authorization(self) -> dict[str, str]:
        if self.client is None:
            return {}
        if self._token is None or time.time() > self._until:
            self._sign_in(self.client)
        return {"Authorization": f"Bearer {self._token}"}

    def _sign_in(self, client: Client) -> None:
        where = self._token_endpoint()
        form = {"grant_type": "client_credentials", "scope": client.scope, **proof(client, where)}
        answer = self._http.post(where, data=form, headers={"Accept": "application/json"})
        told = _json(answer)
        if answer.status_code != 200 or not isinstance(told.get("access_token"), str):
            error = str(told.get("error") or f"status {answer.status_code}")
            raise ServerError(
                f"{_host(where)} refused the sign-in ({error}); check client id, key and scope with the server"
            )
        self._token = told["access_token"]
        self._until = time.time() + float(told.get("expires_in") or LIFETIME_S) - EARLY_S

    def _token_endpoint(self) -> str:
        answer = self._http.get(self.url(".well-known/smart-configuration"), headers={"Accept": "application/json"})
        where = _json(answer).get("token_endpoint")
        if not isinstance(where, str):
            raise ServerError(
                f"{_host(self.base)} publishes no token endpoint; it may not offer SMART Backend Services"
            )
        return safe_address(where)


def proof(client: Client, audience: str) -> dict[str, str]:
    """How a client proves in a form who it is: by an assertion it signs for the token endpoint, good for minutes.

    Raises:
        ServerError: its key is none, or not one of its algorithm.
    """
    now = int(time.time())
    claims = {"iss": client.id, "sub": client.id, "aud": audience, "exp": now + LIFETIME_S, "iat": now}
    claims["jti"] = secrets.token_urlsafe(16)
    try:
        signed = jwt.encode(claims, client.key, client.algorithm, headers={"kid": client.kid} if client.kid else None)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ServerError(
            f"the key cannot sign with {client.algorithm}; give a PEM private key: RSA for RS384, P-384 for ES384"
        ) from None
    return {"client_assertion_type": ASSERTION, "client_assertion": signed}


def bounded_json(method: str, url: str, *, most_bytes: int, timeout_s: float, **more: Any) -> dict[str, Any]:
    """A JSON object of some size at most from an address that is followed nowhere else; ``more`` goes to httpx.

    Raises:
        ServerError: no answer, a refusal, an answer that is too large or no object.
    """
    host = _host(url)
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False) as http,
            http.stream(method, url, **more) as answer,
        ):
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > most_bytes:
                    raise ServerError(f"{host} answered with more than {most_bytes:,} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as lost:
        raise ServerError(f"{host} cannot be reached ({type(lost).__name__}); try again later") from None
    if answer.status_code != 200:
        raise ServerError(f"{host} refused (status {answer.status_code}); start again, or ask its administrator")
    told = _json(httpx.Response(200, content=bytes(content)))
    if not told:
        raise ServerError(f"{host} did not answer with JSON")
    return told


def waits_s(answer: httpx.Response, otherwise: float) -> float:
    """Seconds a server asks to wait, within reason."""
    told = answer.headers.get("Retry-After", "")
    return min(float(told), LONGEST_WAIT_S) if told.isdigit() else otherwise


def outcome(answer: httpx.Response) -> str:
    """What a server says against a request, by code and element; its free text may name people and is left out."""
    issues = _json(answer).get("issue")
    found = [
        " ".join(str(part) for part in (one.get("code"), *(one.get("expression") or ())) if part)
        for one in (issues if isinstance(issues, list) else [])
        if isinstance(one, dict)
    ]
    return f"status {answer.status_code}" + (f": {'; '.join(found)}" if found else "")


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def safe_address(url: str) -> str:
    """An address that keeps what it carries to itself: https, or this very machine."""
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    except ValueError:
        raise ServerError("an address that is none was named; correct it") from None
    if is_safe:
        return url.rstrip("/")
    raise ServerError(f"{_host(url)} is not reached by https; patient data travels encrypted only")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(url: str) -> str:
    return urlsplit(url).netloc or "the address"


def _wait(seconds: float) -> None:
    time.sleep(min(seconds, LONGEST_WAIT_S))
