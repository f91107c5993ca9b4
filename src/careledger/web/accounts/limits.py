"""Rate limits of pages, per member and per address, counted in the database so that all processes count together."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja.throttling import SimpleRateThrottle

from careledger.web.accounts.doors import View


class _ByMember(SimpleRateThrottle):
    """So many of an act a minute by one member."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(settings.CARELEDGER_RATES[act])

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return f"{self.act}:member:{request.membership.pk}"


class _ByAddress(_ByMember):
    """So many of an act a minute from one address."""

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return f"{self.act}:address:{self.get_ident(request)}"


def limited(act: str) -> Any:
    """Refuse a form sent too often, such as uploads: ``@limited("upload")`` under the door. Looking at it is free."""
    if act not in settings.CARELEDGER_RATES:
        raise KeyError(act)

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                for throttle in (_ByMember(act), _ByAddress(act)):
                    if not throttle.allow_request(request):
                        return _slow_down(request, int(throttle.wait() or 60))
            return view(request, *args, **kwargs)

        guarded.limited = act
        return guarded

    return wrap


def _slow_down(request: HttpRequest, wait_s: int) -> HttpResponse:
    answer = render(request, "429.html", {"wait_s": wait_s}, status=429)
    answer.headers["Retry-After"] = str(wait_s)
    return answer
