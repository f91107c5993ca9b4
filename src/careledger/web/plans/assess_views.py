"""Assessments: what was asked before, one questionnaire at a time, and what was done about an alarm."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.patients.access import get_patient_for
from careledger.web.plans import queries
from careledger.web.plans.access import get_assessment_for
from careledger.web.plans.actions import PlanRefused
from careledger.web.plans.acts_forms import LANGUAGES, AlarmForm, AssessmentForm
from careledger.web.plans.goal_actions import answer_alarm, record_assessment
from careledger.web.plans.instruments import instruments


@door("chart.read")
@require_GET
def assessments(request: MemberRequest, patient_id: int) -> HttpResponse:
    """What the patient was asked, with every score."""
    patient = get_patient_for(request.membership, patient_id)
    record_read(acting_user=request.membership, patient=patient, page="assessments")
    found = queries.scored(patient)
    by_kind = [(one, [score for score in found if score.asked.id == one.id]) for one in instruments().values()]
    alarms = [one for one in found if one.is_open_alarm]
    shown = {"patient": patient, "kinds": by_kind, "alarms": alarms, "here": "plans"}
    return render(request, "plans/assessments.html", shown)


@door("chart.write")
def assess(request: MemberRequest, patient_id: int, instrument: str) -> HttpResponse:
    """Ask one questionnaire; the server makes the score."""
    patient = get_patient_for(request.membership, patient_id, "chart.write")
    asked = instruments().get(instrument)
    if asked is None:
        raise Http404
    own = "es" if (patient.language or "").startswith("es") else "en"
    language = request.GET.get("lang") if request.GET.get("lang") in dict(LANGUAGES) else own
    initial = {"on": timezone.localdate(), "once": uuid4().hex}
    form = AssessmentForm(request.POST or None, asked=asked, language=language or "en", initial=initial)
    if request.method == "POST" and form.is_valid():
        row = record_assessment(
            acting_user=request.membership, patient=patient, instrument=asked.id, answers=form.answers(),
            **{name: form.cleaned_data[name] for name in ("on", "once", "note")},
        )  # fmt: skip
        band = asked.band(row.score)
        messages.success(request, f"{asked.name}: {row.score} of {asked.highest}, {band.says.lower()}.")
        return redirect("assessments", patient.pk)
    intro = getattr(asked.intro, language or "en")
    shown = {"patient": patient, "asked": asked, "form": form, "intro": intro, "language": language, "here": "plans"}
    return render(request, "plans/assess.html", shown, status=422 if form.errors else 200)


@door("chart.write")
@require_POST
def alarm(request: MemberRequest, patient_id: int, assessment_pk: int) -> HttpResponse:
    """Say what was done about an alarm."""
    patient = get_patient_for(request.membership, patient_id, "chart.write")
    row = get_assessment_for(patient, assessment_pk)
    form = AlarmForm(request.POST)
    try:
        done = form.cleaned_data["done"] if form.is_valid() else ""
        answer_alarm(acting_user=request.membership, assessment=row, done=done)
        messages.success(request, "Recorded what was done.")
    except PlanRefused as refused:
        messages.error(request, f"{refused}.".capitalize())
    return redirect("assessments", patient.pk)
