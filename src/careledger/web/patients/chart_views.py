"""Writing a chart by hand: a new patient, who they are, rows of the record, practitioner and care manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.patients import charting, forms
from careledger.web.patients.access import get_patient_for
from careledger.web.patients.actions import assign
from careledger.web.patients.changes import locked
from careledger.web.patients.fields import SentOnce
from careledger.web.patients.kinds import KINDS, Kind
from careledger.web.patients.models import Coverage, Panel, Patient
from careledger.web.patients.practitioners import history, of_record
from careledger.web.patients.sending import carry_out
from careledger.web.tenancy.models import Person

_COVERED = ("payer", "member_id", "part_b", "qmb")
_BESIDE = (*_COVERED, "covered_since", "practitioner", "established", "is_another")


@door("chart.write")
def patient_add(request: MemberRequest) -> HttpResponse:
    """A new patient, with who pays and who answers."""
    form = forms.NewPatientForm(request.POST or None, initial={"part_b": "True", "residence": "home"})
    made: list[Patient] = []

    def act() -> None:
        made.append(_new_patient(request, form.cells()))

    if request.method == "POST" and form.is_valid() and carry_out(request, form, act, "The chart is open."):
        return redirect("patient", made[0].pk) if made else redirect("patients")
    shown = {"form": form, "title": "Add a patient", "told": _ADDING, "here": "patients"}
    return render(request, "patients/form.html", shown, status=422 if form.errors else 200)


_ADDING = "Enough to begin. Conditions, visits and consent follow on the chart."


def _new_patient(request: MemberRequest, cells: dict[str, Any]) -> Patient:
    member, own = request.membership, {name: cells[name] for name in cells if name not in _BESIDE}
    patient = charting.add_patient(acting_user=member, cells=own, may_be_twin=cells["is_another"])
    covered = {name: cells[name] for name in _COVERED} | {"rank": 1, "since": cells["covered_since"], "until": None}
    charting.write_row(acting_user=member, patient=patient, row=Coverage(patient=patient), cells=covered)
    person = Person.objects.get(code=cells["practitioner"])
    charting.name_practitioner(acting_user=member, patient=patient, practitioner=person)
    if cells["established"] is not None:
        row, told = Panel.objects.get(patient=patient, biller=person), {"established": cells["established"]}
        charting.write_row(acting_user=member, patient=patient, row=row, cells=told)
    return patient


@door("chart.write")
def patient_change(request: MemberRequest, patient_id: int) -> HttpResponse:
    """Correct who the patient is."""
    patient = get_patient_for(request.membership, patient_id, "chart.write")
    own = [name for name in forms.PatientForm.base_fields if name not in ("once", "seen")]
    form = forms.PatientForm(
        request.POST or None, initial=_opened(patient, {name: getattr(patient, name) for name in own})
    )

    def act() -> None:
        member, seen = request.membership, form.cleaned_data["seen"]
        charting.change_patient(acting_user=member, patient=patient, cells=form.cells(), seen=seen)

    if request.method == "POST" and form.is_valid() and carry_out(request, form, act, "Corrected."):
        return redirect("patient", patient.pk)
    return _page(request, patient, form, "Who the patient is", "The audit log keeps what stood before.")


@door("chart.write")
def chart_row_add(request: MemberRequest, patient_id: int, table: str) -> HttpResponse:
    """Add a row to the record."""
    patient, kind = get_patient_for(request.membership, patient_id, "chart.write"), _kind(table)
    if not kind.may_be_added:
        raise Http404
    form = kind.form(request.POST or None, initial=_opened(patient, {}))
    if _write(request, patient, kind, kind.model(patient=patient), form, "Added."):
        return redirect("patient", patient.pk)
    return _page(request, patient, form, f"Add a {kind.one}", kind.told)


@door("chart.write")
def chart_row(request: MemberRequest, patient_id: int, table: str, row_id: int) -> HttpResponse:
    """Correct a row of the record."""
    patient, kind = get_patient_for(request.membership, patient_id, "chart.write"), _kind(table)
    row = _row(patient, kind, row_id)
    form = kind.form(request.POST or None, initial=_opened(patient, kind.initial(row)))
    if _write(request, patient, kind, row, form, "Corrected."):
        return redirect("patient", patient.pk)
    return _page(
        request, patient, form, f"Correct a {kind.one}", kind.told,
        table=table, row=row, removal=forms.RemovalForm(initial=_opened(patient, {}), auto_id="removal_%s") if kind.may_be_added else None,
    )  # fmt: skip


@door("chart.write")
def chart_row_remove(request: MemberRequest, patient_id: int, table: str, row_id: int) -> HttpResponse:
    """Take out a row that was entered in error."""
    patient, kind = get_patient_for(request.membership, patient_id, "chart.write"), _kind(table)
    row = kind.model._default_manager.filter(patient=patient, pk=row_id).first()
    if not kind.may_be_added:
        raise Http404
    if row is None:
        return redirect("patient", patient.pk)
    form = forms.RemovalForm(request.POST or None, initial=_opened(patient, {}))

    def act() -> None:
        cells = form.cleaned_data
        charting.remove_row(
            acting_user=request.membership, patient=patient, row=row, reason=cells["reason"], seen=cells["seen"]
        )

    if (
        request.method == "POST"
        and form.is_valid()
        and carry_out(request, form, act, "Taken out; the audit log keeps it.")
    ):
        return redirect("patient", patient.pk)
    return _page(
        request, patient, form, f"Take out a {kind.one}", "Only what was entered in error; else give it an end."
    )


@door("chart.write")
def practitioner_of_record(request: MemberRequest, patient_id: int) -> HttpResponse:
    """Who answers for the patient, and a change."""
    patient = get_patient_for(request.membership, patient_id, "chart.write")
    form = forms.PractitionerForm(request.POST or None, initial=_opened(patient, {"since": timezone.localdate()}))

    def act() -> None:
        cells = form.cleaned_data
        person = Person.objects.get(code=cells["practitioner"])
        charting.name_practitioner(
            acting_user=request.membership, patient=patient, practitioner=person, since=cells["since"],
            note=cells["note"], seen=cells["seen"],
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and carry_out(request, form, act, "Named."):
        return redirect("patient", patient.pk)
    present = of_record(patient, timezone.localdate())
    told = f"Now: {present or 'nobody'}. Consent is given to a practitioner: where policy says so, a new one is needed."
    return _page(request, patient, form, "Practitioner of record", told, history=history(patient))


@door("chart.write")
def care_manager(request: MemberRequest, patient_id: int) -> HttpResponse:
    """Who works with the patient."""
    patient = get_patient_for(request.membership, patient_id, "chart.write")
    present = patient.care_manager.code if patient.care_manager else None
    form = forms.ManagerForm(request.POST or None, initial=_opened(patient, {"care_manager": present}))

    def act() -> None:
        held = locked(patient, form.cleaned_data["seen"], ("patient",))
        code = form.cleaned_data["care_manager"]
        person = Person.objects.get(code=code) if code else None
        assign(acting_user=request.membership, patient=held, care_manager=person)

    if request.method == "POST" and form.is_valid() and carry_out(request, form, act, "Assigned."):
        return redirect("patient", patient.pk)
    return _page(request, patient, form, "Care manager", "Whose worklist the patient stands on.")


def _write(request: MemberRequest, patient: Patient, kind: Kind, row: models.Model, form: SentOnce, said: str) -> bool:
    """Carry a row's form out, after what the rest of the chart has to say."""

    def act() -> None:
        with transaction.atomic():
            cells = form.cells()
            held = locked(patient)
            if kind.check is not None:
                kind.check(held, row, cells)
            charting.write_row(
                acting_user=request.membership, patient=patient, row=row, cells=cells, seen=form.cleaned_data["seen"]
            )

    return request.method == "POST" and form.is_valid() and carry_out(request, form, act, said)


def _kind(table: str) -> Kind:
    if table not in KINDS:
        raise Http404
    return KINDS[table]


def _row(patient: Patient, kind: Kind, row_id: int) -> models.Model:
    found = kind.model._default_manager.filter(patient=patient, pk=row_id).first()
    if found is None:
        raise Http404
    return found


def _opened(patient: Patient, cells: Mapping[str, Any]) -> dict[str, Any]:
    """What a form begins with: the cells, and the chart's revision."""
    return {**cells, "seen": patient.revision}


def _page(
    request: MemberRequest, patient: Patient, form: SentOnce, title: str, told: str, **further: Any
) -> HttpResponse:
    shown = {"patient": patient, "form": form, "title": title, "told": told, "here": "patients", **further}
    return render(request, "patients/form.html", shown, status=422 if form.errors else 200)
