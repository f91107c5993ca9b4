"""A record system for the tests of SMART App Launch: a real authorization server (Authlib) and a FHIR Patient, on loopback.

It checks what such a server checks: the client and its secret, the redirect address it was told of, ``aud``, the launch, PKCE
with S256, a code used once. Tests may bend what it says, to see whether the clinic notices.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import RSAKey

SECRET = "the clinic's secret"
CLIENT = "careledger-at-ehr"


@dataclass
class RecordSystem:
    """What the record system knows, and how it is bent.

    Attributes:
        launches: launch handle to the id of the patient open in it.
        bend: what is said otherwise: keys of the configuration, ``nonce``, ``user``, ``token`` (merged into its answers).
        asked: every request: method and path.
    """

    key: RSAKey
    patients: dict[str, dict[str, Any]]
    redirect_uris: set[str] = field(default_factory=set)
    launches: dict[str, str] = field(default_factory=dict)
    practitioners: dict[str, dict[str, Any]] = field(default_factory=dict)
    user: str = "dr-at-ehr"
    bend: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    root: str = ""

    @property
    def iss(self) -> str:
        return f"{self.root}/fhir"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.iss,
            "jwks_uri": f"{self.root}/keys",
            "authorization_endpoint": f"{self.root}/authorize",
            "token_endpoint": f"{self.root}/token",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": [
                "launch-ehr",
                "client-confidential-symmetric",
                "context-ehr-patient",
                "sso-openid-connect",
            ],
            **self.bend.get("configuration", {}),
        }


class _Client(ClientMixin):
    def __init__(self, system: RecordSystem) -> None:
        self.system = system

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.system.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """A code that was given, and for what."""

    code: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    nonce: str
    patient: str
    user: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class _Request(OAuth2Request):
    def __init__(self, method: str, uri: str, given: dict[str, str], headers: dict[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self.given = given
        self.payload = BasicOAuth2Payload(given)

    @property
    def args(self) -> dict[str, str]:
        return self.given

    @property
    def form(self) -> dict[str, str]:
        return self.given


def authorization_server(system: RecordSystem) -> AuthorizationServer:
    """Authlib's server over what the system knows."""

    class Server(AuthorizationServer):
        def query_client(self, client_id: str) -> Any:
            return _Client(system) if client_id == CLIENT else None

        def save_token(self, token: Any, request: Any) -> None:
            system.tokens[token["access_token"]] = request.authorization_code.patient
            token |= {"patient": request.authorization_code.patient, **system.bend.get("token", {})}

        def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
            return

        def create_oauth2_request(self, request: Any) -> OAuth2Request:
            return request

        def handle_response(self, status: int, body: Any, headers: Any) -> Any:
            return status, body, dict(headers)

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            system.codes[code] = Code(
                code, data["redirect_uri"], request.scope, data["code_challenge"], data["code_challenge_method"],
                system.bend.get("nonce", data["nonce"]), system.launches[data["launch"]], system.user,
            )  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return system.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del system.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> str:
            return authorization_code.user

    class IdToken(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: Any) -> Any:
            return system.bend.get("key", system.key)

        def get_client_algorithm(self, client: Any) -> str:
            return "RS256"

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": system.iss}

        def generate_user_info(self, user: str, scope: str) -> UserInfo:
            return UserInfo(sub=user, fhirUser=f"{system.iss}/Practitioner/{user}")

    server = Server()
    server.register_token_generator(
        "default", BearerTokenGenerator(lambda *_, **__: __import__("secrets").token_urlsafe())
    )
    server.register_grant(Grant, [CodeChallenge(required=True), IdToken(require_nonce=True)])
    return server


@contextmanager
def running(system: RecordSystem) -> Iterator[RecordSystem]:
    """The record system, answering on a free port of loopback."""
    server = authorization_server(system)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            system.asked.append(f"GET {parts.path}")
            if parts.path == "/fhir/.well-known/smart-configuration":
                self.say(200, system.configuration())
            elif parts.path == "/keys":
                self.say(200, {"keys": [system.key.as_dict(private=False)]})
            elif parts.path == "/authorize":
                self.authorize(dict(parse_qsl(parts.query)))
            else:
                self.resource(parts.path)

        def do_POST(self) -> None:
            system.asked.append(f"POST {self.path}")
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            request = _Request("POST", system.root + self.path, dict(parse_qsl(body)), dict(self.headers))
            self.say(*server.create_token_response(request))

        def authorize(self, given: dict[str, str]) -> None:
            known = given.get("aud") == system.iss and given.get("launch") in system.launches
            request = _Request("GET", system.root + self.path, given, {})
            try:
                grant = server.get_consent_grant(request, end_user=system.user)
                self.say(*server.create_authorization_response(request, system.user if known else None, grant=grant))
            except OAuth2Error as error:
                self.say(400, {"error": error.error})

        def resource(self, path: str) -> None:
            patient = system.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            kind, _, id_ = path.removeprefix("/fhir/").partition("/")
            if patient is None or (kind == "Patient" and id_ != patient):
                self.say(403, {"resourceType": "OperationOutcome"})
                return
            found = (system.patients if kind == "Patient" else system.practitioners).get(id_)
            self.say(200 if found else 404, found or {"resourceType": "OperationOutcome"})

        def say(self, status: int, body: Any, headers: Any = ()) -> None:
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system.root = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield system
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
