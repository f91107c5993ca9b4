"""The timer and the time entries of a patient. Pages and fragments; every write goes through an action."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from careledger.core.records import PROGRAMS
from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.patients.access import get_patient_for
from careledger.web.tenancy.templatetags.formats import day, minutes
from careledger.web.timers import stopwatch
from careledger.web.timers.access import get_entry_for
from careledger.web.timers.actions import TimeRefused, log_time, replace_entry, void_entry
from careledger.web.timers.forms import ReplaceForm, TypedTimeForm, VoidForm, WorkForm, templates_of
from careledger.web.timers.models import TimeEntry
from careledger.web.timers.queries import running_timer


@door("time.log")
@require_GET
def widget(request: MemberRequest) -> HttpResponse:
    """The timer as it stands, for every open tab."""
    return render(request, "timers/widget.html", {"timer": running_timer(request.membership)})


@door("time.log")
@require_POST
def start(request: MemberRequest, patient_id: int) -> HttpResponse:
    """Start for a patient; one that runs for another patient is stopped first, on the page where its work is told."""
    patient = get_patient_for(request.membership, patient_id)
    program = program_named(request.POST.get("program"))
    if running_timer(request.membership) is not None:
        return redirect(f"{reverse('timer_stop')}?next={patient.pk}&program={program}")
    try:
        stopwatch.start_timer(acting_user=request.membership, patient=patient, program=program)
    except TimeRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("patient", patient_id=patient.pk)


@door("time.log")
@require_POST
def pause(request: MemberRequest) -> HttpResponse:
    """Pause the timer."""
    try:
        stopwatch.pause_timer(acting_user=request.membership)
    except TimeRefused as refused:
        messages.error(request, refused.sentence)
    return _back(request)


@door("time.log")
@require_POST
def resume(request: MemberRequest) -> HttpResponse:
    """Go on with the timer."""
    stopwatch.resume_timer(acting_user=request.membership)
    return _back(request)


@door("time.log")
def stop(request: MemberRequest) -> HttpResponse:
    """Say what was done and log it; a forgotten timer first proposes where to end."""
    clock = running_timer(request.membership)
    if clock is None:
        return redirect("today")
    form = WorkForm(request.POST or None, initial={"activity": clock.timer.activity})
    if request.method == "POST" and form.is_valid() and _stop(request, form, clock):
        return _after_stop(request, clock)
    page = {
        "clock": clock,
        "form": form,
        "templates": templates_of(request.membership.organisation),
        "here": "patients",
        "next": _next(request),
    }
    return render(request, "timers/stop.html", page, status=422 if form.errors else 200)


def _after_stop(request: MemberRequest, clock: Any) -> HttpResponse:
    """Back to the patient, or on to the one the person switched to, whose timer then runs from the same second."""
    following = _next(request)
    if following is None:
        return redirect("patient", patient_id=clock.timer.patient_id)
    program = program_named(request.POST.get("program") or request.GET.get("program"))
    stopwatch.start_timer(acting_user=request.membership, patient=following, program=program)
    return redirect("patient", patient_id=following.pk)


def _next(request: MemberRequest) -> Any:
    named = request.POST.get("next") or request.GET.get("next") or ""
    return get_patient_for(request.membership, int(named)) if named.isdigit() else None


def program_named(text: str | None) -> str:
    """A program of the records; CCM when none, or an unknown one, is named."""
    return text if text in PROGRAMS else "ccm"


def _stop(request: MemberRequest, form: WorkForm, clock: Any) -> bool:
    """Log what the timer holds; False with the reason beside the form when it is refused."""
    until = clock.timer.seen_s if request.POST.get("until") == "seen" else None
    try:
        entries = stopwatch.stop_timer(acting_user=request.membership, until_s=until, **form.cleaned_data)
    except TimeRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    logged = sum(entry.length_s for entry in entries)
    messages.success(request, f"Logged {minutes(logged)} for {clock.timer.patient.name}.")
    _warn_of_lapse(request, timezone.localdate())
    return True


@door("time.log")
@require_POST
def discard(request: MemberRequest) -> HttpResponse:
    """Throw the timer away."""
    stopwatch.discard_timer(acting_user=request.membership)
    messages.info(request, "The timer was discarded; nothing was logged.")
    return redirect("today")


@door("time.log")
@require_POST
def seen(request: MemberRequest) -> HttpResponse:
    """A visible tab reports."""
    stopwatch.see_timer(acting_user=request.membership)
    return widget_of(request)


@door("time.log")
@require_POST
def hidden(request: MemberRequest) -> HttpResponse:
    """A tab went into the background."""
    stopwatch.hide_timer(acting_user=request.membership)
    return HttpResponse(status=204)


@door("time.log")
@require_POST
def background(request: MemberRequest, stretch_id: int) -> HttpResponse:
    """Whether time in the background was work."""
    counts = request.POST.get("counts") == "yes"
    stopwatch.answer_background(acting_user=request.membership, stretch_id=stretch_id, counts=counts)
    return widget_of(request) if request.headers.get("HX-Request") else _back(request)


@door("time.log")
def type_time(request: MemberRequest, patient_id: int) -> HttpResponse:
    """Time typed in for a patient."""
    patient = get_patient_for(request.membership, patient_id)
    initial = {"program": request.GET.get("program", "ccm"), "on": timezone.localdate()}
    form = TypedTimeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _log(request, patient, form):
        return redirect("patient", patient_id=patient.pk)
    once = request.POST.get("once") or str(uuid4())
    page = {
        "patient": patient,
        "form": form,
        "once": once,
        "templates": templates_of(request.membership.organisation),
        "here": "patients",
    }
    return render(request, "timers/type.html", page, status=422 if form.errors else 200)


def _log(request: MemberRequest, patient: Any, form: TypedTimeForm) -> bool:
    cells = form.cleaned_data
    work = {name: cells[name] for name in ("start_s", "end_s", "activity", "contact", "note")}
    once = request.POST.get("once") or None
    try:
        row = log_time(
            acting_user=request.membership, patient=patient, programs=(cells["program"],), entry_id=once, **work
        )
    except TimeRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return False
    messages.success(request, f"Logged {minutes(row.length_s)}" + (", marked late." if "late" in row.flags else "."))
    _warn_of_lapse(request, row.worked_on)
    return True


def _warn_of_lapse(request: MemberRequest, on: date) -> None:
    """Say so when no credential of who worked was good on the day; whether the time counts is for people to settle."""
    person = request.membership.person
    lapsed = person.lapsed_on(on) if person is not None else None
    if lapsed is not None:
        messages.warning(
            request,
            f"Your {lapsed.title} is recorded as ended on {day(lapsed.valid_until)}. Tell the administrator of its renewal.",
        )


@door("time.log")
def correct(request: MemberRequest, entry_pk: int) -> HttpResponse:
    """Put a corrected entry in the place of one; both stay in the ledger."""
    entry = get_entry_for(request.membership, entry_pk)
    form = ReplaceForm(request.POST or None, initial=_as_typed(entry))
    if request.method == "POST" and form.is_valid() and _correct(request, entry, form):
        return redirect("patient", patient_id=entry.patient_id)
    page = {"entry": entry, "patient": entry.patient, "form": form, "void": VoidForm(), "here": "patients"}
    return render(request, "timers/correct.html", page, status=422 if form.errors else 200)


def _correct(request: MemberRequest, entry: TimeEntry, form: ReplaceForm) -> bool:
    cells = form.cleaned_data
    work = {name: cells[name] for name in ("start_s", "end_s", "activity", "contact", "note")}
    changes = {**work, "programs": (cells["program"],), "on": None, "seconds": None}
    try:
        replace_entry(acting_user=request.membership, entry=entry, reason=cells["reason"], **changes)
    except TimeRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return False
    messages.success(request, "Corrected. The entry as it was stays in the ledger.")
    return True


@door("time.log")
@require_POST
def void(request: MemberRequest, entry_pk: int) -> HttpResponse:
    """Take an entry out of what counts."""
    entry = get_entry_for(request.membership, entry_pk)
    try:
        void_entry(acting_user=request.membership, entry=entry, reason=request.POST.get("reason", "").strip())
        messages.success(request, "Taken out. The entry stays in the ledger with the reason.")
    except TimeRefused as refused:
        messages.error(request, refused.sentence)
    return redirect("patient", patient_id=entry.patient_id)


def widget_of(request: MemberRequest) -> HttpResponse:
    """The timer's fragment after a change."""
    return render(request, "timers/widget.html", {"timer": running_timer(request.membership)})


def _as_typed(entry: TimeEntry) -> dict[str, Any]:
    cells = {name: getattr(entry, name) for name in ("activity", "contact", "note")}
    if entry.start_s is not None and entry.end_s is not None:
        zone = timezone.get_current_timezone()
        start, end = (datetime.fromtimestamp(at, zone) for at in (entry.start_s, entry.end_s))
        cells |= {"on": start.date(), "start": start.time(), "end": end.time()}
    return {**cells, "program": entry.programs[0] if entry.programs else "ccm"}


def _back(request: MemberRequest) -> HttpResponse:
    clock = running_timer(request.membership)
    return redirect("patient", patient_id=clock.timer.patient_id) if clock else redirect("today")
