"""The door in front of every view: signed in, a member, allowed. A view without a door fails the door test."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import PERMISSIONS, may

View = Callable[..., HttpResponse]


class MemberRequest(HttpRequest):
    """A request behind a door: someone is signed in and belongs to an organisation."""

    membership: Membership


def door(permission: str) -> Callable[[View], View]:
    """Open a view to the roles that hold a permission of ``accounts.roles``; others get 403, strangers the sign-in page."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            membership: Membership | None = getattr(request, "membership", None)
            if not request.user.is_authenticated:
                return _sign_in(request)
            if membership is None or not may(membership.role, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return wrap


def sudo(view: View) -> View:
    """Ask again who is there before a grave act: passphrase, code or passkey, given within the last ten minutes.

    Stands under the door. A form that was sent meanwhile is sent on after the answer.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_reauthenticate")})
        raise ReauthenticationRequired

    guarded.asks_again = True
    return guarded


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": "/account/login/"})
    return redirect_to_login(request.get_full_path())
