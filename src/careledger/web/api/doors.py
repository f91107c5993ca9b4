"""The doors of the API: a token in force, a scope, the owner's role, and not too often."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer
from ninja.throttling import SimpleRateThrottle

from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.api.models import ApiToken
from careledger.web.api.scopes import SCOPES
from careledger.web.api.tokens import find_token

BEARER = "Bearer "


class ApiRequest(HttpRequest):
    """A request behind a door of the API."""

    membership: Membership
    token: ApiToken


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token a request carries, if it is in force. A session never opens the API, so that no page can forge a call."""
    sent = request.headers.get("Authorization", "")
    return find_token(sent.removeprefix(BEARER).strip()) if sent.startswith(BEARER) else None


class Door(HttpBearer):
    """Opens a route to tokens with a scope, whose owner's role still holds the scope's permission."""

    openapi_description = "A token made in Settings, API. Its scopes say what it may do; its owner's role bounds them."

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.permission = SCOPES[scope].permission
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found: ApiToken | None = getattr(request, "token", None)
        if found is None:
            _slow_guessing(request)
            return None
        is_of_one = found.patient_id is not None  # no route here keeps to one patient; the FHIR server does
        if is_of_one or self.scope not in found.scopes or not may(found.membership.role, self.permission):
            raise PermissionDenied
        return found


class ByOwner(SimpleRateThrottle):
    """So many calls a minute for all tokens of one member."""

    def __init__(self) -> None:
        super().__init__(settings.CARELEDGER_RATES["api_owner"])

    def get_cache_key(self, request: HttpRequest) -> str | None:
        token: ApiToken | None = getattr(request, "token", None)
        return None if token is None else f"api:member:{token.membership_id}"


class ByAddress(SimpleRateThrottle):
    """So many calls a minute from one address."""

    def __init__(self) -> None:
        super().__init__(settings.CARELEDGER_RATES["api_address"])

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return f"api:address:{self.get_ident(request)}"


class ByGuesser(ByAddress):
    """So many wrong tokens a minute from one address."""

    def __init__(self) -> None:
        SimpleRateThrottle.__init__(self, settings.CARELEDGER_RATES["api_wrong"])

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return f"api:wrong:{self.get_ident(request)}"


def _slow_guessing(request: HttpRequest) -> None:
    throttle = ByGuesser()
    if not throttle.allow_request(request):
        raise Throttled(wait=int(throttle.wait() or 60))
