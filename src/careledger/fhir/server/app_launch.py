"""SMART App Launch, our side: from a record system's launch to the patient and the person it tells of.

Source: HL7 SMART App Launch 2.2 (EHR launch, discovery, PKCE with S256), OpenID Connect Core, RFC 9207 (issuer in the answer),
RFC 7523. The record system's token is used to confirm who is meant and is not kept.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from careledger.fhir.server.login import Client, ServerError, bounded_json, proof, safe_address

SCOPE = "launch openid fhirUser patient/Patient.rs"
_PATIENCE_S = 10.0
_MOST_BYTES = 1024 * 1024
_ID_TOKEN_SIGNATURES = ("RS256", "RS384", "ES256", "ES384")
_LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Ehr:
    """A record system that may open the clinic.

    Attributes:
        iss: base address of its FHIR server, as it names itself when it launches.
        organisation: slug of the organisation whose patients it knows.
        client_id: what it calls us; with ``client_secret`` or ``key`` (PEM, and its ``kid``) where we prove who we are.
        patients: ``id`` when its ids are our patients' codes (as after an import from it), else the system of the
            identifier by which patients are found.
        require_user: open only to someone whom it names (``fhirUser``) and whom we know as the one signed in.
    """

    id: str
    name: str
    iss: str
    organisation: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    kid: str | None = None
    algorithm: str = "RS384"
    patients: str = "id"
    require_user: bool = False


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a record system lets people in, as it publishes."""

    authorize: str
    token: str
    issuer: str | None = None
    keys: str | None = None
    says_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Launched:
    """Who is meant: the record system's id of the patient, and its address of the user where it tells."""

    patient: str
    fhir_user: str | None
    token: str = field(repr=False)


def discover(ehr: Ehr) -> Endpoints:
    """Read where to go on; ServerError when the system is silent or knows no PKCE with S256."""
    told = _got(f"{ehr.iss}/.well-known/smart-configuration")
    if "S256" not in (told.get("code_challenge_methods_supported") or ()):
        raise ServerError(f"{ehr.name} does not offer PKCE with S256; ask its administrator")
    places = [told.get(name) for name in ("authorization_endpoint", "token_endpoint")]
    if not all(isinstance(one, str) for one in places):
        raise ServerError(f"{ehr.name} does not publish where to sign in; ask its administrator")
    authorize, token = (safe_address(str(one)) for one in places)
    keys, issuer = told.get("jwks_uri"), told.get("issuer")
    return Endpoints(
        authorize,
        token,
        str(issuer) if issuer else None,
        safe_address(str(keys)) if keys else None,
        told.get("authorization_response_iss_parameter_supported") is True,
    )


def challenge_of(verifier: str) -> str:
    """PKCE's S256 of a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorize_url(
    ehr: Ehr, where: Endpoints, *, launch: str, redirect_uri: str, state: str, verifier: str, nonce: str
) -> str:
    """The address at which the record system lets the person in."""
    asked = {
        "response_type": "code",
        "client_id": ehr.client_id,
        "redirect_uri": redirect_uri,
        "launch": launch,
        "scope": SCOPE,
        "state": state,
        "aud": ehr.iss,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "nonce": nonce,
    }
    return f"{where.authorize}{'&' if '?' in where.authorize else '?'}{urlencode(asked)}"


def exchange(ehr: Ehr, where: Endpoints, *, code: str, redirect_uri: str, verifier: str, nonce: str) -> Launched:
    """Trade the code for who is meant.

    Raises:
        ServerError: the system refuses, names no patient, or its word on the user does not hold.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        **_proof(ehr, where.token),
    }
    auth = (quote(ehr.client_id, safe=""), quote(ehr.client_secret, safe="")) if ehr.client_secret else None
    told = _asked("POST", where.token, data=form, auth=auth)
    token, patient = told.get("access_token"), told.get("patient")
    if not isinstance(token, str) or str(told.get("token_type", "")).lower() != "bearer":
        raise ServerError(f"{ehr.name} gave no token; start again from the patient's chart there")
    if not isinstance(patient, str) or not patient:
        raise ServerError(f"{ehr.name} named no patient; open a patient there and start again")
    return Launched(patient, _user(ehr, where, told.get("id_token"), nonce), token)


def read(ehr: Ehr, launched: Launched, kind: str, id_: str) -> dict[str, Any]:
    """A resource of the record system, under the token of the launch."""
    found = _got(f"{ehr.iss}/{kind}/{quote(id_, safe='')}", launched.token)
    if found.get("resourceType") != kind or found.get("id") != id_:
        raise ServerError(f"{ehr.name} answered with another {kind} than the one asked for")
    return found


def _proof(ehr: Ehr, audience: str) -> dict[str, str]:
    """How we prove who we are in the form itself: by a signed assertion, or as a public client by the id alone."""
    if ehr.client_secret:
        return {}
    if not ehr.key:
        return {"client_id": ehr.client_id}
    return proof(Client(ehr.client_id, ehr.key, ehr.kid, ehr.algorithm), audience)


def _user(ehr: Ehr, where: Endpoints, id_token: Any, nonce: str) -> str | None:
    """The user's address in a verified id token; None where the system sent no token."""
    if id_token is None:
        return None
    if not isinstance(id_token, str) or where.keys is None or where.issuer is None:
        raise ServerError(f"{ehr.name} publishes no keys for what it says of the user; ask its administrator")
    try:
        header = jwt.get_unverified_header(id_token)
        key = _key(_got(where.keys), header)
        claims = jwt.decode(
            id_token,
            key,
            algorithms=list(_ID_TOKEN_SIGNATURES),
            audience=ehr.client_id,
            issuer=where.issuer,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        raise ServerError(f"{ehr.name}'s word on the user does not hold; start again") from None
    if not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
        raise ServerError(f"{ehr.name}'s word on the user belongs to another launch; start again")
    found = claims.get("fhirUser") or claims.get("profile")
    return found if isinstance(found, str) else None


def _key(told: Mapping[str, Any], header: Mapping[str, Any]) -> Any:
    algorithm = header.get("alg")
    if algorithm not in _ID_TOKEN_SIGNATURES:
        raise KeyError("alg")
    named = [one for one in told["keys"] if header.get("kid") in (None, one.get("kid"))]
    return jwt.PyJWK(named[0], str(algorithm)).key if named else _no_key()


def _no_key() -> Any:
    raise KeyError("kid")


def _got(url: str, token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return _asked("GET", url, headers={**headers, "Accept": "application/json, application/fhir+json"})


def _asked(method: str, url: str, **more: Any) -> dict[str, Any]:
    """A JSON answer of some size at most; never followed to another address."""
    return bounded_json(method, safe_address(url), most_bytes=_MOST_BYTES, timeout_s=_PATIENCE_S, **more)
