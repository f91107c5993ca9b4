"""Settings, FHIR programs: those registered, and a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.accounts.roles import may
from careledger.web.fhir_api.clients import register_client, revoke_client
from careledger.web.fhir_api.forms import ClientForm
from careledger.web.fhir_api.models import BackendClient
from careledger.web.fhir_api.views import about, base_of


@door("tokens.make")
def clients(request: MemberRequest) -> HttpResponse:
    """Every program one may end, and what the server offers."""
    return _page(request, ClientForm(role=request.membership.role))


@door("tokens.make")
@sudo
def register(request: MemberRequest) -> HttpResponse:
    """Register a program that acts for oneself."""
    form = ClientForm(request.POST or None, role=request.membership.role)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        row = register_client(acting_user=request.membership, **form.cleaned_data)
    except CareLedgerError as refused:
        form.add_error(None, f"{refused}.")
        return _page(request, form, status=422)
    messages.success(request, f"Registered. Its client id is {row.client_id}.")
    return redirect("fhir_clients")


@door("tokens.make")
@require_POST
def revoke(request: MemberRequest, client_id: int) -> HttpResponse:
    """End a program's access at once."""
    row = _clients_for(request).filter(pk=client_id).first()
    if row is None:
        raise Http404
    revoke_client(acting_user=request.membership, client=row)
    messages.success(request, "Revoked. The program is refused from now on.")
    return redirect("fhir_clients")


def _clients_for(request: MemberRequest) -> Any:
    """One's own programs; the whole organisation's for who manages users."""
    member = request.membership
    found = BackendClient.objects.filter(membership__organisation=member.organisation)
    found = found.select_related("membership__user")
    return found if may(member.role, "users.write") else found.filter(membership=member)


def _page(request: MemberRequest, form: ClientForm, status: int = 200) -> HttpResponse:
    shown = {
        "rows": _clients_for(request)[:200],
        "form": form,
        "types": about(),
        "base": base_of(request),
        "here": "settings",
    }
    return render(request, "fhir_api/clients.html", shown, status=status)
