"""Pages of the practitioner's signature: review of a month, one signature or many, complexity of decision-making, the binder."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.documents import source
from careledger.documents.binder import build_binder
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.roles import may
from careledger.web.audit.actions import record_read
from careledger.web.billing.actions import refresh_some
from careledger.web.billing.models import DecisionMaking
from careledger.web.billing.queries import policy
from careledger.web.billing.views import month_named
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import Patient
from careledger.web.revenue import book, signing
from careledger.web.revenue.downloads import pdf
from careledger.web.revenue.forms import DecisionMakingForm


@door("month.read")
@require_GET
def sign_panel(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """On a patient's month: decision-making, review, signature, binder."""
    patient, asked = get_patient_for(request.membership, patient_id), month_named(month)
    refresh_some(asked, timezone.localdate())
    person = request.membership.person
    level = DecisionMaking.objects.filter(patient=patient, month=month).order_by("-pk").first()
    shown = {
        "patient": patient,
        "month": asked,
        "signings": signing.signings(asked, patient=patient),
        "mine": person.pk if person else None,
        "level": level,
        "form": DecisionMakingForm(initial={"level": level.level} if level else None),
        "words": signing.WORDS,
        "is_over": timezone.localdate() > asked.last_on,
    }
    return render(request, "revenue/sign_panel.html", shown)


@door("plan.sign")
@require_POST
def decision_making(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """The practitioner records how complex the month's decision-making was."""
    patient, asked = get_patient_for(request.membership, patient_id), month_named(month)
    form = DecisionMakingForm(request.POST)
    if form.is_valid():
        try:
            signing.record_decision_making(
                acting_user=request.membership, patient=patient, month=asked, level=form.cleaned_data["level"]
            )
            messages.success(request, f"Complexity of decision-making: {form.cleaned_data['level']}.")
        except signing.SigningRefused as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, "Choose one of the levels.")
    return redirect("patient_month", asked, patient.pk)


@door("month.attest")
@require_POST
def review(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """The practitioner has looked at the month as it stands."""
    return _act(request, month, patient_id, signing.review, "Reviewed as it stands.")


@door("month.attest")
@require_POST
def sign(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """The practitioner signs one month."""
    return _act(request, month, patient_id, signing.sign, "Signed.")


def _act(request: MemberRequest, month: str, patient_id: int, act: object, says: str) -> HttpResponse:
    patient, asked = get_patient_for(request.membership, patient_id), month_named(month)
    refresh_some(asked, timezone.localdate())
    try:
        act(acting_user=request.membership, patient=patient, month=asked)  # type: ignore[operator]
        messages.success(request, says)
    except signing.SigningRefused as refused:
        messages.error(request, str(refused))
    if request.POST.get("back") == "list":
        return redirect("signatures", asked)
    return redirect("patient_month", asked, patient.pk)


@door("month.read")
def signatures(request: MemberRequest, month: str) -> HttpResponse:
    """Everyone who is ready, with review and signature; those reviewed can be signed together."""
    asked = month_named(month)
    refresh_some(asked, timezone.localdate())
    signer = request.membership if may(request.membership.role, "month.attest") else None
    if request.method == "POST":
        return _sign_many(request, month)
    found = signing.signings(asked, member=signer)
    shown = {
        "month": asked,
        "signings": found,
        "reviewed": sum(one.is_seen and not one.is_signed for one in found),
        "signed": sum(one.is_signed for one in found),
        "signs": signer is not None,
        "words": signing.WORDS,
        "is_over": timezone.localdate() > asked.last_on,
        "here": "month",
    }
    return render(request, "revenue/signatures.html", shown)


def _sign_many(request: MemberRequest, month: str) -> HttpResponse:
    """Sign those that were chosen; each must have been reviewed as it stands."""
    asked = month_named(month)
    if not may(request.membership.role, "month.attest"):
        messages.error(request, "Only a practitioner signs.")
        return redirect("signatures", asked)
    chosen = [int(pk) for pk in request.POST.getlist("patient") if pk.isdigit()]
    signed, refused = 0, []
    for patient in Patient.objects.filter(pk__in=chosen).order_by("pk"):
        try:
            signed += signing.sign(acting_user=request.membership, patient=patient, month=asked)
        except signing.SigningRefused as why:
            refused.append(f"patient {patient.code}: {why}")
    if signed:
        messages.success(request, f"{signed} months signed.")
    for line in refused[:10]:
        messages.error(request, line)
    if not chosen:
        messages.error(request, "Choose at least one patient whose month you reviewed.")
    return redirect("signatures", asked)


@door("month.read")
@require_GET
def binder(request: MemberRequest, month: str, patient_id: int) -> HttpResponse:
    """The audit binder of a patient's month."""
    patient, asked = get_patient_for(request.membership, patient_id), month_named(month)
    record_read(acting_user=request.membership, patient=patient, page="binder")
    with book.tables(asked, [patient]) as data, source(data, policy()) as opened:
        found = opened.binder_data(patient.code, asked, prepared_on=timezone.localdate())
        made = build_binder(found[0])
    return pdf(made, f"binder_{asked}_{patient.code}.pdf")
