"""Settings, API: the tokens of oneself (of everyone, for who manages users), a new one, and what the API offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.accounts.roles import may
from careledger.web.api.forms import TokenForm
from careledger.web.api.models import ApiToken
from careledger.web.api.tokens import TokenRefused, make_token, revoke_token


@door("tokens.make")
def tokens(request: MemberRequest) -> HttpResponse:
    """Every token one may revoke, and every route."""
    return _page(request, TokenForm(role=request.membership.role))


@door("tokens.make")
@sudo
def make(request: MemberRequest) -> HttpResponse:
    """Make a token; it is shown on the answer of this request and never again."""
    form = TokenForm(request.POST or None, role=request.membership.role)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        row, plain = make_token(acting_user=request.membership, **form.cleaned_data)
    except TokenRefused as refused:
        form.add_error(None, f"{refused}.")
        return _page(request, form, status=422)
    return render(request, "api/made.html", {"token": row, "plain": plain, "here": "settings"})


@door("tokens.make")
@require_POST
def revoke(request: MemberRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    token = _tokens_for(request).filter(pk=token_id).first()
    if token is None:
        raise Http404
    revoke_token(acting_user=request.membership, token=token)
    messages.success(request, "Revoked. Whatever used it is refused from now on.")
    return redirect("tokens")


def _tokens_for(request: MemberRequest) -> Any:
    """One's own tokens; the whole organisation's for who manages users."""
    member = request.membership
    found = ApiToken.objects.filter(membership__organisation=member.organisation).select_related("membership__user")
    return found if may(member.role, "users.write") else found.filter(membership=member)


def _page(request: MemberRequest, form: TokenForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    rows = [(row, row.state(now)) for row in _tokens_for(request)[:200]]
    shown = {"rows": rows, "form": form, "routes": list(_routes()), "here": "settings"}
    return render(request, "api/tokens.html", shown, status=status)


def _routes() -> Iterator[tuple[str, str, str]]:
    """(method, path, what it does), as the OpenAPI document says."""
    from careledger.web.api.service import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, route in methods.items():
            yield method.upper(), path, route.get("description") or route["summary"]
