"""The lock's own addresses: is it locked, lock it, open it."""

from __future__ import annotations

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from careledger.web.accounts import lock as idle
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record

_WRONG = "That is not the passphrase. Try again, or use a passkey or code."
_TOO_OFTEN = "Too many tries. Wait a few minutes, or sign out and in again."


@door("session.own")
@require_GET
def state(request: MemberRequest) -> HttpResponse:
    """Whether the session is locked, and in how many seconds it will be."""
    return JsonResponse({"locked": idle.is_locked(request), "left_s": idle.left_s(request, request.membership)})


@door("session.own")
@require_POST
def here(request: MemberRequest) -> HttpResponse:
    """Someone moves the mouse or types."""
    if not idle.is_locked(request):
        idle.see(request)
    return HttpResponse(status=204)


@door("session.own")
@require_POST
def lock(request: MemberRequest) -> HttpResponse:
    """Lock now: the page's own clock ran out, or the person leaves the desk."""
    if not idle.is_locked(request):
        idle.lock(request)
        record(acting_user=request.membership, action="session.locked")
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("today")


@door("session.own")
@require_POST
def unlock(request: MemberRequest) -> HttpResponse:
    """Open the lock by the passphrase, from the page's curtain."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return HttpResponse(_TOO_OFTEN, status=429, content_type="text/plain")
    form = ReauthenticateForm(request.POST, user=request.user)
    if not form.is_valid():
        return HttpResponse(_WRONG, status=422, content_type="text/plain")
    reauthenticate_by_password(request)
    idle.settle(request, request.membership)
    record(acting_user=request.membership, action="session.unlocked")
    return HttpResponse(status=204)
