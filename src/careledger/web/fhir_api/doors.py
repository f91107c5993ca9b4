"""The doors of the FHIR server: a token in force, a SMART scope, the owner's role, not too often. Refusals are OperationOutcomes.

A session never opens them, so that no page can forge a request; that is why they need no CSRF token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import Throttled

from careledger.core.errors import CareLedgerError
from careledger.fhir.held.server import FHIR_JSON, outcome
from careledger.web.accounts.logs import where
from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.api.doors import BEARER, ByAddress, ByGuesser, ByOwner
from careledger.web.api.models import ApiToken
from careledger.web.api.tokens import find_token
from careledger.web.fhir_api import smart_scopes
from careledger.web.fhir_api.models import AccessToken
from careledger.web.fhir_api.signin import find_access

Json = dict[str, Any]
View = Callable[..., HttpResponse]
_logger = logging.getLogger(__name__)
_PERMISSIONS = {"r": "chart.read", "s": "chart.read", "c": "chart.write", "u": "chart.write"}


class Refused(CareLedgerError):
    """What is asked is not done: status, FHIR issue type, and what to do. Repeats nothing of what was sent."""

    def __init__(self, status: int, code: str, says: str, where: str = "") -> None:
        super().__init__(says)
        self.status, self.code, self.says, self.where = status, code, says, where


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the member a token acts for, the one patient it is bound to (None for everyone), and the token's scopes."""

    membership: Membership
    patient_id: int | None
    scopes: tuple[str, ...]

    @property
    def patients(self) -> frozenset[int] | None:
        """The patients who may be seen; None for all of the organisation's."""
        return None if self.patient_id is None else frozenset({self.patient_id})

    def may(self, kind: str, act: str) -> bool:
        """Do scope and role allow an act (r, s, c, u) on a type of resource?"""
        context = "system" if self.patient_id is None else "patient"
        return smart_scopes.may(self.scopes, context, kind, act) and may(self.membership.role, _PERMISSIONS[act])


def bearer_of(request: HttpRequest) -> ApiToken | AccessToken | None:
    """The token a request carries, if it is in force."""
    sent = request.headers.get("Authorization", "")
    if not sent.startswith(BEARER):
        return None
    plain = sent.removeprefix(BEARER).strip()
    return find_token(plain) or find_access(plain)


def caller_for(request: HttpRequest, kind: str, act: str) -> Caller:
    """Who asks, once token, scope and role allow an act (r, s, c, u) on a type of resource."""
    token: ApiToken | AccessToken | None = getattr(request, "token", None)
    if token is None:
        if not ByGuesser().allow_request(request):
            raise Throttled(wait=60)
        raise Refused(401, "login", "send a token in force: Authorization: Bearer ...")
    context = "system" if token.patient_id is None else "patient"
    if not smart_scopes.may(token.scopes, context, kind, act):
        raise Refused(403, "forbidden", f"the token has no scope for this; it would be {context}/{kind}.{act}")
    if not may(token.membership.role, _PERMISSIONS[act]):
        raise PermissionDenied
    return Caller(token.membership, token.patient_id, tuple(token.scopes))


def answered(view: View) -> View:
    """A view of the FHIR server: limits around it, and every refusal as an OperationOutcome."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            for throttle in (ByOwner(), ByAddress()):  # each holds the request it is asked of
                if not throttle.allow_request(request):
                    raise Throttled(wait=int(throttle.wait() or 60))
            return view(request, *args, **kwargs)
        except Exception as error:
            return _refusal(error)

    guarded.is_fhir = True
    return guarded


def answer(resource: Json, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A resource as FHIR JSON."""
    return HttpResponse(
        orjson.dumps(resource), status=status, content_type=f"{FHIR_JSON}; charset=utf-8", headers=headers
    )


def _refusal(error: Exception) -> HttpResponse:
    if isinstance(error, Refused):
        made = answer(outcome(error.code, error.says, where=error.where), error.status)
        if error.status == 401:
            made.headers["WWW-Authenticate"] = "Bearer"
        return made
    if isinstance(error, Throttled):
        wait = str(error.wait or 60)
        return answer(outcome("throttled", f"too many requests; wait {wait} seconds"), 429, {"Retry-After": wait})
    if isinstance(error, PermissionDenied):
        return answer(outcome("forbidden", "the role of the token's owner does not allow this"), 403)
    if isinstance(error, Http404):
        return answer(outcome("not-found", "there is nothing here that this token may see"), 404)
    if isinstance(error, RequestDataTooBig):
        return answer(outcome("too-long", "the request is too large; send less than 5 MB"), 413)
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return answer(outcome("structure", "the request cannot be read"), 400)
    if isinstance(error, CareLedgerError):
        return answer(outcome("processing", str(error)), 422)
    return _broken(error)


def _broken(error: Exception) -> HttpResponse:
    """Our fault: the log has the kind of error and where, never its text, which may hold what was sent."""
    _logger.error("fhir failed: %s at %s", type(error).__name__, where(error))
    return answer(outcome("exception", "the clinic's program failed; its log says where"), 500)
