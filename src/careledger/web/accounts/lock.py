"""The idle lock: after some minutes without a person the session shows nothing until they say who they are again.

Timers live on the server and run on. What was typed on a page stays there, under the page's own curtain. The lock is kept in
the session; any re-authentication of the sign-in library (passphrase, one-time code, passkey) opens it.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from careledger.web.accounts.models import Membership

SEEN, LOCKED = "seen_s", "locked_s"
_KEPT_EVERY_S = 30
_OPEN = ("/account/reauthenticate/", "/account/2fa/reauthenticate/", "/account/2fa/webauthn/reauthenticate/",
         "/account/logout/", "/access/state/", "/access/here/", "/access/lock/",
         "/access/unlock/", "/static/", "/api/", "/time/timer/hidden/")  # fmt: skip
_NOBODY = ("/time/timer/seen/", "/time/timer/hidden/", "/access/state/")
"""What pages send by themselves: no sign of a person."""


def now_s() -> float:
    """The clock of the lock: the one by which the sign-in library dates a re-authentication."""
    return time.time()


def answer_if_locked(request: HttpRequest, member: Membership) -> HttpResponse | None:
    """What a locked session answers; None while it is open. Notes that a person was seen."""
    settle(request, member)
    if is_locked(request):
        return None if request.path.startswith(_OPEN) else _refusal(request)
    if not request.path.startswith(_NOBODY):
        see(request)
    return None


def settle(request: HttpRequest, member: Membership) -> None:
    """Lock when nobody was seen for long enough; unlock when someone said since who they are."""
    session: Any = request.session
    last = session.get(SEEN)
    if LOCKED not in session and last is not None and now_s() - last >= minutes_of(member) * 60:
        lock(request)
    if LOCKED in session and _said_who_s(request) >= session[LOCKED]:
        del session[LOCKED]
        session[SEEN] = now_s()


def lock(request: HttpRequest) -> None:
    """Lock the session now."""
    request.session.setdefault(LOCKED, now_s())


def is_locked(request: HttpRequest) -> bool:
    """Is the session locked?"""
    return LOCKED in request.session


def see(request: HttpRequest) -> None:
    """A person is there; kept twice a minute at most, so that a page costs no write."""
    last = request.session.get(SEEN)
    if last is None or now_s() - last >= _KEPT_EVERY_S:
        request.session[SEEN] = now_s()


def left_s(request: HttpRequest, member: Membership) -> int:
    """Seconds until the session locks by itself."""
    if is_locked(request):
        return 0
    return max(0, int(minutes_of(member) * 60 - (now_s() - request.session.get(SEEN, now_s()))))


def minutes_of(member: Membership) -> int:
    """The house's value."""
    found: int = member.organisation.idle_lock_minutes
    return found


def _said_who_s(request: HttpRequest) -> float:
    records = get_authentication_records(request, request.user)
    return max((one["at"] for one in records if one.get("reauthenticated")), default=0.0)


def _refusal(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"X-Locked": "1"})
    answer: HttpResponse = suspend_request(
        request, reverse("account_reauthenticate")
    )  # a form sent late goes on after it
    return answer
