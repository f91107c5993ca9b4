"""Versions of a plan with their differences, the practitioner's signature, the patient's copy, and the printed plan."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.documents.plan import build_plan
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.patients.models import Patient
from careledger.web.plans import queries
from careledger.web.plans.access import get_plan_for, get_version_for
from careledger.web.plans.actions import PlanRefused
from careledger.web.plans.acts_forms import DeliverForm, ReviewForm, SignForm
from careledger.web.plans.content import empty
from careledger.web.plans.differences import differences
from careledger.web.plans.models import PlanVersion
from careledger.web.plans.printing import plan_data
from careledger.web.plans.shown import shown_plan
from careledger.web.plans.signing import deliver_plan, review_plan, sign_plan
from careledger.web.plans.views import common
from careledger.web.revenue.downloads import pdf

PAGE = 50


@door("chart.read")
@require_GET
def versions(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """Every version, the latest first."""
    patient = get_plan_for(request.membership, patient_id, program)
    record_read(acting_user=request.membership, patient=patient, page="plan_versions")
    page = Paginator(queries.versions_of(patient, program), PAGE).get_page(request.GET.get("page"))
    return render(request, "plans/versions.html", {**common(patient, program), "page": page})


@door("chart.read")
@require_GET
def version(request: MemberRequest, patient_id: int, program: str, version_number: int) -> HttpResponse:
    """What a version changed against another one, by default the one before it."""
    patient = get_plan_for(request.membership, patient_id, program)
    record_read(acting_user=request.membership, patient=patient, page="plan_version")
    found = get_version_for(patient, program, version_number)
    asked = request.GET.get("against", "")
    against = int(asked) if asked.isdecimal() and len(asked) < 9 else found.number - 1
    other = get_version_for(patient, program, against) if against > 0 else None
    shown = {
        **common(patient, program),
        "version": found,
        "other": other,
        "changes": differences(other.content if other else empty(), found.content),
        "numbers": range(found.number - 1, max(0, found.number - 31), -1),
    }
    return render(request, "plans/version.html", shown)


@door("plan.sign")
def sign(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """The practitioner looks at the plan as it stands, and signs that."""
    patient = get_plan_for(request.membership, patient_id, program)
    page = queries.plan_page(patient, program, timezone.localdate())
    if page.version is None:
        messages.error(request, "There is no plan to sign yet.")
        return redirect("plan", patient.pk, program)
    is_first = page.care_plan is None
    form = SignForm(request.POST or None, is_first=is_first, initial=_as_shown(page.version))
    if request.method == "POST" and form.is_valid() and _sign(request, patient, program, form):
        return redirect("plan", patient.pk, program)
    if request.method == "GET":
        record_read(acting_user=request.membership, patient=patient, page="plan_before_signature")
    elif page.version.digest != request.POST.get("digest"):
        # What stands now is shown, and only that can be signed next.
        form = SignForm(is_first=is_first, initial=_as_shown(page.version))
        messages.error(request, "The plan was changed since you opened it. Look at it as it stands now, then sign.")
    before = page.signed.content if page.signed else empty()
    shown = {
        **common(patient, program),
        "plan": page,
        "form": form,
        "parts": shown_plan(page.content, page.goals),
        "changes": differences(before, page.content) if page.signed else [],
    }
    return render(request, "plans/sign.html", shown, status=422 if request.method == "POST" else 200)


def _as_shown(found: PlanVersion) -> dict[str, Any]:
    return {"number": found.number, "digest": found.digest}


def _sign(request: MemberRequest, patient: Patient, program: str, form: SignForm) -> bool:
    cells = form.cleaned_data
    try:
        sign_plan(
            acting_user=request.membership, patient=patient, program=program, number=cells["number"],
            digest=cells["digest"], extent=cells.get("extent", "substantial"),
        )  # fmt: skip
    except PlanRefused as refused:
        form.add_error(None, _sentence(refused))
        return False
    messages.success(request, "Signed. Give the patient a copy next.")
    return True


@door("chart.write")
def deliver(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """Record the copy that patient or caregiver was given."""
    patient = get_plan_for(request.membership, patient_id, program, "chart.write")
    page = queries.plan_page(patient, program, timezone.localdate())
    if page.signed is None:
        messages.error(request, "A copy is given of a signed plan; this one is not signed yet.")
        return redirect("plan", patient.pk, program)
    language = "es" if (patient.language or "").startswith("es") else "en"
    initial = {"on": timezone.localdate(), "number": page.signed.number, "once": uuid4().hex, "language": language}
    form = DeliverForm(request.POST or None, program=program, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            deliver_plan(acting_user=request.membership, patient=patient, program=program, **form.cleaned_data)
        except PlanRefused as refused:
            form.add_error(None, _sentence(refused))
        else:
            messages.success(request, "Recorded: the patient has a copy.")
            return redirect("plan", patient.pk, program)
    shown = {**common(patient, program), "form": form, "plan": page}
    return render(request, "plans/deliver.html", shown, status=422 if form.errors else 200)


@door("chart.write")
@require_POST
def review(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """The plan was looked at and stands."""
    patient = get_plan_for(request.membership, patient_id, program, "chart.write")
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose the day of the next review from the calendar, or leave it empty.")
        return redirect("plan", patient.pk, program)
    try:
        review_plan(
            acting_user=request.membership, patient=patient, program=program, next_on=form.cleaned_data["next_on"]
        )
        messages.success(request, "Reviewed today; the plan stands as it is.")
    except PlanRefused as refused:
        messages.error(request, _sentence(refused))
    return redirect("plan", patient.pk, program)


@door("chart.read")
@require_GET
def printed(request: MemberRequest, patient_id: int, program: str) -> HttpResponse:
    """The plan for the patient as PDF: in English or Spanish, in normal or large print."""
    patient = get_plan_for(request.membership, patient_id, program)
    asked = request.GET.get("version", "")
    found = (
        get_version_for(patient, program, int(asked))
        if asked.isdecimal() and len(asked) < 9
        else PlanVersion.objects.select_related("signature__practitioner")
        .filter(patient=patient, program=program)
        .first()
    )
    if found is None:
        raise Http404
    language = "es" if request.GET.get("lang") == "es" else "en"
    record_read(acting_user=request.membership, patient=patient, page="plan_print")
    data = plan_data(patient, found, language=language, large=request.GET.get("size") == "large")
    return pdf(build_plan(data), f"plan_{program}_{patient.code}_{found.number}_{language}.pdf")


def _sentence(refused: PlanRefused) -> str:
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."
