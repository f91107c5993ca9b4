"""Imports: upload, name the columns, look at what would be written and at every fault, write."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from careledger.core.errors import CareLedgerError, InputError
from careledger.facts.timelog import read_csv
from careledger.web.accounts.doors import MemberRequest, door, sudo
from careledger.web.accounts.limits import limited
from careledger.web.intake import actions, desk
from careledger.web.intake.forms import MappingForm, ServerForm, UploadForm
from careledger.web.intake.models import FhirServer, Import
from careledger.web.intake.server import CELLS, ServerRefused, save_server

PAGE = 25


@door("settings.write")
@limited("upload")
def imports(request: MemberRequest) -> HttpResponse:
    """Upload a file; and what was brought in before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        row = actions.take(
            acting_user=request.membership, kind=form.kind, file=form.cleaned_data["file"], options=form.options
        )
        if row.state == "reading":
            actions.begin_reading(acting_user=request.membership, row=row)
        return redirect("import", row.pk)
    page = Paginator(Import.objects.select_related("started_by__user"), PAGE).get_page(request.GET.get("page"))
    shown = {"form": form, "page": page, "server": FhirServer.objects.first(), "here": "settings"}
    return render(request, "intake/imports.html", shown, status=422 if form.errors else 200)


@door("settings.write")
def one_import(request: MemberRequest, import_id: int) -> HttpResponse:
    """An import at the step it is at."""
    row = _found(import_id)
    if row.state == "mapping":
        return _mapping(request, row)
    is_broken = row.state in ("reading", "writing") and row.job is not None and row.job.state == "failed"
    shown = {"row": row, "report": row.report, "job": row.job, "is_broken": is_broken, "here": "settings"}
    shown["is_nothing"] = not any((row.report.get("added") or {}).values()) and not row.report.get("changed_patients")
    return render(request, "intake/import.html", shown)


def _mapping(request: MemberRequest, row: Import) -> HttpResponse:
    try:
        header, rows = read_csv(desk.upload_of(row))
    except InputError as refused:
        actions.drop(acting_user=request.membership, row=row)
        messages.error(request, f"{refused.problem[:1].upper()}{refused.problem[1:]}; {refused.mend}.")
        return redirect("imports")
    form = MappingForm(request.POST or None, header=header, kind=row.kind, options=row.options)
    if request.method == "POST" and form.is_valid():
        try:
            actions.begin_reading(acting_user=request.membership, row=row, options=form.options)
        except actions.ImportRefused as refused:
            messages.error(request, str(refused))
        return redirect("import", row.pk)
    shown = {"row": row, "form": form, "count": len(rows), "refused": row.report.get("refused"), "here": "settings"}
    return render(request, "intake/mapping.html", shown, status=422 if form.errors else 200)


@door("settings.write")
@require_POST
def import_write(request: MemberRequest, import_id: int) -> HttpResponse:
    """Write what was looked at."""
    return _step(request, import_id, actions.begin_writing)


@door("settings.write")
@require_POST
def import_again(request: MemberRequest, import_id: int) -> HttpResponse:
    """Read an import again whose work broke off."""
    return _step(request, import_id, actions.begin_reading)


def _step(request: MemberRequest, import_id: int, act: Any) -> HttpResponse:
    row = _found(import_id)
    try:
        act(acting_user=request.membership, row=row)
    except actions.ImportRefused as refused:
        messages.error(request, str(refused))
    return redirect("import", row.pk)


@door("settings.write")
@require_POST
def import_columns(request: MemberRequest, import_id: int) -> HttpResponse:
    """Name the columns anew."""
    row = _found(import_id)
    if row.kind in ("table", "timelog") and row.state == "ready":
        Import.objects.filter(pk=row.pk, state="ready").update(state="mapping", report={})
    return redirect("import", row.pk)


@door("settings.write")
@require_POST
def import_drop(request: MemberRequest, import_id: int) -> HttpResponse:
    """Leave it; the file is removed."""
    actions.drop(acting_user=request.membership, row=_found(import_id))
    messages.info(request, "Dropped. Nothing was written, and the file is removed.")
    return redirect("imports")


@door("settings.write")
@sudo
@limited("upload")
def server(request: MemberRequest) -> HttpResponse:
    """How the electronic record's FHIR server is reached."""
    row = FhirServer.objects.first()
    initial = {name: getattr(row, name) for name in CELLS} if row else {}
    form = ServerForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_server(acting_user=request.membership, **form.cleaned_data)
        except ServerRefused as refused:
            form.add_error("address", str(refused))
        else:
            messages.success(request, "Saved. Now bring the records in.")
            return redirect("imports")
    shown = {"form": form, "server": row, "here": "settings"}
    return render(request, "intake/server.html", shown, status=422 if form.errors else 200)


@door("settings.write")
@require_POST
def server_import(request: MemberRequest) -> HttpResponse:
    """Ask the server for what is new, or for everything."""
    if not FhirServer.objects.exists():
        return redirect("fhir_server")
    try:
        row = actions.take_from_server(
            acting_user=request.membership, everything=request.POST.get("everything") == "yes"
        )
        actions.begin_reading(acting_user=request.membership, row=row)
    except CareLedgerError as refused:
        messages.error(request, str(refused))
        return redirect("imports")
    return redirect("import", row.pk)


def _found(import_id: int) -> Import:
    row: Import | None = Import.objects.select_related("job").filter(pk=import_id).first()
    if row is None:
        raise Http404
    return row
