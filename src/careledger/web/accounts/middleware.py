"""Around every request: the membership and its scope, the practice's clock, and nothing kept by caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from careledger.web.accounts.lock import answer_if_locked
from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.audit.engagements import AUDITOR, check_month, narrowed
from careledger.web.tenancy.scope import acting_in

Handler = Callable[[HttpRequest], HttpResponse]
API, FHIR = "/api/", "/fhir/"
BEFORE = ("/account/", "/static/", API, FHIR)
"""What is open before passphrase and second factor are in order; an API token was made when they were."""
CHOSEN = "organisation"
"""Session key of the organisation someone with several works in."""


def membership_of(request: HttpRequest) -> Membership | None:
    """The active membership of who is signed in; the chosen one where there are several."""
    if not request.user.is_authenticated:
        return None
    # The person is read later, inside the scope: before it, PostgreSQL's wall shows no person.
    found = Membership.objects.filter(user=request.user, is_active=True).select_related("organisation", "user")
    rows = list(found.order_by("pk"))
    chosen = request.session.get(CHOSEN)
    return next((row for row in rows if row.organisation_id == chosen), rows[0] if rows else None)


class MembershipMiddleware:
    """Sets ``request.membership`` and lays the organisation's scope and time zone around the view."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = self._by_token(request) if request.path.startswith((API, FHIR)) else membership_of(request)
        request.membership = membership
        if membership is None:
            return self.get_response(request)
        if membership.user.must_change_passphrase and not request.path.startswith(BEFORE):
            return redirect("account_change_password")
        if self._lacks_factor(request):
            return redirect("mfa_index")
        with acting_in(membership.organisation), timezone.override(membership.organisation.zone):
            locked = None if request.path.startswith((API, FHIR)) else answer_if_locked(request, membership)
            if locked is not None:
                return locked
            with narrowed(membership) as request.engagement:
                return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """An auditor meets no month outside the audit; where the role may not enter at all, the door says so."""
        if request.membership is None or request.membership.role != AUDITOR:
            return
        if (permission := getattr(view, "permission", None)) is not None and may(AUDITOR, permission):
            check_month(request.engagement, kwargs)

    def _by_token(self, request: HttpRequest) -> Membership | None:
        """A program acts for the member whose token it carries; a session counts for nothing there."""
        from careledger.web.api.doors import token_of
        from careledger.web.fhir_api.doors import bearer_of

        request.token = bearer_of(request) if request.path.startswith(FHIR) else token_of(request)
        return request.token.membership if request.token else None

    def _lacks_factor(self, request: HttpRequest) -> bool:
        """Without a second factor only the pages that set one up, and signing out, are open."""
        if not settings.MFA_REQUIRED or request.path.startswith(BEFORE):
            return False
        return not is_mfa_enabled(request.user)


class PrivateMiddleware:
    """Pages hold health information: no cache keeps one, and the Back button after signing out shows nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
