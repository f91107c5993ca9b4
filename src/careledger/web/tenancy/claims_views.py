"""Settings of claims: submitter, payers with their receivers, charges."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.billing.queries import policy
from careledger.web.tenancy import claims_settings
from careledger.web.tenancy.claims_settings import ChargesForm, PayerForm, SubmitterForm
from careledger.web.tenancy.views import answer

_FILINGS = {"medicare_ffs": "MB", "medicare_advantage": "16", "medicaid": "MC", "commercial": "CI"}


@door("settings.write")
def submitter(request: MemberRequest) -> HttpResponse:
    """Who sends the claim files."""
    form = SubmitterForm(request.POST or None, stands=claims_settings.submitter_stands())

    def save(cells: dict[str, Any]) -> None:
        claims_settings.save_submitter(acting_user=request.membership, **cells)

    return answer(request, form, save, "Submitter of claims", "settings")


@door("settings.write")
def payers(request: MemberRequest) -> HttpResponse:
    """Every payer policy knows, and those that are set up."""
    told = claims_settings.stands().get("payers") or {}
    known = policy().payers
    rows = [(name, one, told.get(name)) for name, one in known.items()]
    rows.sort(key=lambda row: (row[2] is None, row[0] != "medicare_ffs", row[0]))
    shown = {"rows": rows, "in_setup": request.GET.get("setup"), "here": "settings"}
    return render(request, "tenancy/payers.html", shown)


@door("settings.write")
def payer(request: MemberRequest, payer_id: str) -> HttpResponse:
    """One payer and its receiver."""
    known = policy().payers.get(payer_id)
    if known is None:
        raise Http404
    stands = claims_settings.payer_stands(payer_id)
    is_set = bool(stands["name"])
    if not is_set:
        stands["filing"] = _FILINGS.get(known.kind, "CI")
    form = PayerForm(request.POST or None, stands=stands)

    def save(cells: dict[str, Any]) -> None:
        claims_settings.save_payer(acting_user=request.membership, payer=payer_id, **cells)

    says = known.says.partition(";")[0].rstrip(".")
    return answer(request, form, save, says, "payers", payer_id=payer_id if is_set else "")


@door("settings.write")
@require_POST
def payer_remove(request: MemberRequest, payer_id: str) -> HttpResponse:
    """No claims to this payer."""
    claims_settings.remove_payer(acting_user=request.membership, payer=payer_id)
    messages.success(request, "Taken out. Claims to this payer are held until it is set up again.")
    return redirect("payers")


@door("settings.write")
def charges(request: MemberRequest) -> HttpResponse:
    """What the practice charges."""
    form = ChargesForm(request.POST or None, stands=claims_settings.charges_stand())

    def save(cells: dict[str, Any]) -> None:
        claims_settings.save_charges(acting_user=request.membership, **cells)

    says = "A code without an amount takes the percentage; without that, its claim is held."
    return answer(request, form, save, "Charges", "settings", says)
