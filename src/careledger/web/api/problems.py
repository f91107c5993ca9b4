"""How the API says no: one shape for every error (RFC 9457), with the field where there is one, and no patient data."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.logs import where
from careledger.web.enrolment.actions import SAID
from careledger.web.patients.refusals import ChartRefused
from careledger.web.timers.actions import TimeRefused

_logger = logging.getLogger(__name__)
_PLACES = {"body", "data", "query", "path", "header", "cookie", "form"}
_NO_TOKEN = "send a token in force: Authorization: Bearer clt_..."


def problem(api: NinjaAPI, request: HttpRequest, status: int, detail: str, fields: Iterable[Any] = ()) -> HttpResponse:
    """An error as every route answers it."""
    said = {"status": status, "title": HTTPStatus(status).phrase, "detail": detail}
    named = [{"field": field, "detail": text} for field, text in fields]
    answer = api.create_response(request, {**said, "errors": named} if named else said, status=status)
    answer.headers["Content-Type"] = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def lay_handlers(api: NinjaAPI) -> None:
    """Answer every exception of a route in the one shape."""

    def answers(kind: type[Exception], status: int, detail: str) -> None:
        api.add_exception_handler(kind, lambda request, error: problem(api, request, status, detail))

    answers(AuthenticationError, 401, _NO_TOKEN)
    answers(PermissionDenied, 403, "the token's scopes, or its owner's role, do not allow this")
    answers(RequestDataTooBig, 413, "the request is too large; send less than 5 MB")
    answers(Http404, 404, "there is nothing here that this token may see")
    api.add_exception_handler(ValidationError, lambda request, error: _invalid(api, request, error))
    api.add_exception_handler(HttpError, lambda request, error: problem(api, request, error.status_code, str(error)))
    api.add_exception_handler(Throttled, lambda request, error: _slow_down(api, request, error))
    api.add_exception_handler(CareLedgerError, lambda request, error: _refused(api, request, error))
    api.add_exception_handler(Exception, lambda request, error: _broken(api, request, error))  # type: ignore[arg-type]


def _invalid(api: NinjaAPI, request: HttpRequest, error: Any) -> HttpResponse:
    fields = [(_path(one["loc"]), one["msg"]) for one in error.errors]
    return problem(api, request, 422, "the request cannot be used as it is", fields)


def _refused(api: NinjaAPI, request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, ChartRefused):
        return problem(api, request, 422, str(error), [(_sent(field), says) for field, says in error.beside if field])
    if isinstance(error, TimeRefused):
        return problem(api, request, 422, str(error), [(error.field, str(error))] if error.field else ())
    listed = getattr(error, "errors", ())
    fields = [(one.place.field or "", f"{one.problem}; {one.mend}") for one in listed]
    if not fields and (place := getattr(error, "place", None)) is not None:
        fields = [(place.field or "", f"{error.problem}; {error.mend}")]
    return problem(api, request, 422, "the request is refused" if fields else str(error), fields)


def _sent(field: str) -> str:
    """What a call sends where a page has the field: statements confirmed one by one there come as one list here."""
    return "covers" if field.startswith(SAID) else field


def _slow_down(api: NinjaAPI, request: HttpRequest, error: Any) -> HttpResponse:
    wait = str(error.wait or 60)
    answer = problem(api, request, 429, f"too many requests; wait {wait} seconds and try again")
    answer.headers["Retry-After"] = wait
    return answer


def _broken(api: NinjaAPI, request: HttpRequest, error: Exception) -> HttpResponse:
    """Our fault: the log has the kind of error and where, never its text, which may hold what was sent."""
    _logger.error("api failed: %s at %s", type(error).__name__, where(error))
    return problem(api, request, 500, "the clinic's program failed; its log says where")


def _path(places: Iterable[Any]) -> str:
    """Where in the request, as people write it: ``goals[2].text``."""
    known = list(places)
    while known and known[0] in _PLACES:
        known.pop(0)
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in known).removeprefix(".")


PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "what is wrong and what to do"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
"""The shape, for the OpenAPI document."""
