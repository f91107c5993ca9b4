"""Enrolment: who could be enrolled, and one patient's place in one program."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.audit.actions import record_read
from careledger.web.billing.queries import policy
from careledger.web.enrolment import actions, programs, queries
from careledger.web.enrolment.eligibility import Look, look
from careledger.web.enrolment.finding import reason, refresh_some
from careledger.web.enrolment.forms import BeginForm, RevocationForm, StatusForm
from careledger.web.enrolment.models import STATES
from careledger.web.enrolment.shares import estimate
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.models import Patient
from careledger.web.patients.practitioners import of_record
from careledger.web.patients.queries import ConsentLine
from careledger.web.patients.sending import carry_out
from careledger.web.patients.terms import in_force_until

PAGE = 50
_ANY = "any"
_FIRST = "eligible"


@door("chart.read")
def finder(request: MemberRequest, program: str = "ccm") -> HttpResponse:
    """Who could be enrolled, with the reasons."""
    if program not in programs.FOUND:
        raise Http404
    refresh_some(timezone.localdate())
    search = _search(request, program)
    counts = queries.counts(search)
    page = _page(request, search, counts)
    rows = queries.rows_of(page.object_list)
    shown = {
        "program": program,
        "programs": [(one, programs.name_of(one)) for one in programs.FOUND],
        "search": search,
        "page": page,
        "counts": counts,
        "rows": rows,
        "standing": queries.statuses_of(row.patient_id for row in rows),
        "filters": queries.STATUS_FILTERS,
        "today": timezone.localdate(),
        "here": "enrolment",
    }
    return render(request, "enrolment/finder.html", shown)


def _page(request: MemberRequest, search: queries.Search, counts: list[tuple[str, str, int]]) -> Any:
    """The page asked for; how many there are is known from the counts, and not counted again."""
    pages = Paginator(queries.candidates(search), PAGE)
    pages.count = sum(many for state, _, many in counts if search.state in ("", state))
    return pages.get_page(request.GET.get("page"))


def _search(request: MemberRequest, program: str) -> queries.Search:
    asked = request.GET
    state = asked.get("state", _FIRST)
    return queries.Search(
        program=program,
        state="" if state == _ANY else state,
        status=asked.get("status", "open"),
        words=asked.get("q", "").strip(),
        condition=asked.get("condition", "").strip().upper(),
    )


@door("chart.read")
def place(request: MemberRequest, program: str, patient_id: int) -> HttpResponse:
    """One patient in one program: eligibility, share, consent, steps, history."""
    patient = patient_in(request, program, patient_id)
    record_read(acting_user=request.membership, patient=patient, page="enrolment")
    return show(request, program, patient)


@door("chart.write")
@require_POST
def step(request: MemberRequest, program: str, patient_id: int) -> HttpResponse:
    """Record a step with its day."""
    patient = patient_in(request, program, patient_id, "chart.write")
    form = StatusForm(request.POST, steps=actions.BY_HAND, auto_id="step_%s")

    def act() -> None:
        cells = form.cleaned_data
        told = {name: cells[name] for name in ("status", "on", "note", "seen")}
        actions.mark(acting_user=request.membership, patient=patient, program=program, **told)

    if form.is_valid() and carry_out(request, form, act, f"Recorded for {patient.name}."):
        return redirect(_back(request) or _place(program, patient))
    return show(request, program, patient, step_form=form)


@door("chart.write")
@require_POST
def begin(request: MemberRequest, program: str, patient_id: int) -> HttpResponse:
    """The program begins."""
    patient = patient_in(request, program, patient_id, "chart.write")
    form = BeginForm(request.POST, auto_id="begin_%s")

    def act() -> None:
        cells = form.cleaned_data
        actions.enrol(
            acting_user=request.membership, patient=patient, program=program, started_on=cells["started_on"],
            seen=cells["seen"],
        )  # fmt: skip

    if form.is_valid() and carry_out(request, form, act, f"{patient.name} is enrolled."):
        return redirect(_place(program, patient))
    return show(request, program, patient, begin_form=form)


@door("chart.write")
@require_POST
def revoke(request: MemberRequest, program: str, patient_id: int, consent_id: int) -> HttpResponse:
    """The patient takes a consent back."""
    patient = patient_in(request, program, patient_id, "chart.write")
    consent = patient.consents.filter(pk=consent_id, program=program).first()
    if consent is None:
        raise Http404
    form = RevocationForm(request.POST, auto_id=f"revoke_{consent_id}_%s")

    def act() -> None:
        cells = form.cleaned_data
        actions.withdraw(acting_user=request.membership, consent=consent, on=cells["on"], seen=cells["seen"])

    if form.is_valid() and carry_out(request, form, act, "Revoked. The page says until when it is in force."):
        return redirect(_place(program, patient))
    return show(request, program, patient, revoked=(consent.pk, form))


def patient_in(request: MemberRequest, program: str, patient_id: int, permission: str = "chart.read") -> Patient:
    """The patient, where the program is one of ours and the role may."""
    if program not in programs.OF_PATIENTS:
        raise Http404
    return get_patient_for(request.membership, patient_id, permission)


def show(
    request: MemberRequest,
    program: str,
    patient: Patient,
    revoked: tuple[int, RevocationForm] | None = None,
    **forms: Any,
) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    history = queries.history_of(patient, program)
    consents = queries.consents_of(patient, program)
    refused = [*forms.values(), *([revoked[1]] if revoked else [])]
    shown = {
        "patient": patient,
        "program": program,
        "name": programs.name_of(program),
        "history": history,
        "consents": [(line, _revocation(line, patient, revoked)) for line in consents],
        "changes": next((form for form in refused if form.changes), None),
        "has_consent": any(line.revoked_on is None for line in consents),
        "here": "enrolment",
        **_told(program, timezone.localdate()),
        **_seen(patient, program, timezone.localdate()),
        **_forms(patient, history[0].status if history else None, forms),
    }
    return render(request, "enrolment/place.html", shown, status=422 if refused else 200)


def _told(program: str, on: date) -> dict[str, Any]:
    """What policy says of consent to the program."""
    return {
        "ends_on": in_force_until(program, on),
        "minutes_end": programs.minutes_end_with_revocation(program, on),
        "needs_new_consent": programs.needs_new_consent(program, on),
        "asks_consent": bool(programs.statements(program, on)),
        "other_programs": [one for one in programs.consented(on) if one != program],
        "sources": programs.sources(program, on, "required_statements", "revocation_effective"),
    }


def _seen(patient: Patient, program: str, on: date) -> dict[str, Any]:
    """What the chart and the engine say of the patient."""
    found = look(patient, on)
    return {
        "practitioner": of_record(patient, on),
        "ills": list(patient.conditions.filter(until=None).order_by("icd10")),
        "last_visit": patient.visits.select_related("practitioner").order_by("-on", "-pk").first(),
        "share": estimate(patient, program, on, found),
        **_eligibility(found, program),
    }


def _eligibility(seen: Look, program: str) -> dict[str, Any]:
    """The engine's word today, with its sources numbered; nothing for programs whose eligibility it does not find."""
    if program not in programs.FOUND:
        return {"state": None, "reasons": []}
    found = seen.standings[program]
    reasons = [reason(finding) for finding in found.findings]
    cited = dict.fromkeys(id_ for one in reasons for id_ in one["cite"])
    return {
        "state": found.state,
        "state_label": dict(STATES)[found.state],
        "code": found.code,
        "reasons": reasons,
        "cited": [policy().sources[id_] for id_ in cited],
    }


def _forms(patient: Patient, status: str | None, given: dict[str, Any]) -> dict[str, Any]:
    begun = {"seen": patient.revision}
    today = timezone.localdate()
    return {
        "status": status,
        "step_form": StatusForm(steps=actions.steps_from(status), initial={**begun, "on": today}, auto_id="step_%s"),
        "begin_form": BeginForm(initial={**begun, "started_on": today}, auto_id="begin_%s"),
        **given,
    }


def _revocation(line: ConsentLine, patient: Patient, refused: tuple[int, RevocationForm] | None) -> RevocationForm:
    """The form that takes one consent back; the refused one as it was typed."""
    if refused is not None and refused[0] == line.row.pk:
        return refused[1]
    begun = {"seen": patient.revision, "on": timezone.localdate()}
    return RevocationForm(initial=begun, auto_id=f"revoke_{line.row.pk}_%s")


def _place(program: str, patient: Patient) -> str:
    return reverse("place", args=[program, patient.pk])


def _back(request: MemberRequest) -> str | None:
    """To the list the step was taken from, as it was narrowed; only to our own pages."""
    back = request.POST.get("back", "")
    return back if back.startswith("/enrolment/") and "\\" not in back else None
