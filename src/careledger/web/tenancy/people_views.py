"""Settings of practices, people and their credentials."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.tenancy import actions
from careledger.web.tenancy.actions import SettingRefused
from careledger.web.tenancy.house_forms import CredentialForm, PersonForm, PracticeForm
from careledger.web.tenancy.models import Credential, Person, Practice
from careledger.web.tenancy.views import answer, people_with_credentials

_OWN = {PracticeForm: tuple(PracticeForm.base_fields), PersonForm: tuple(PersonForm.base_fields)}


@door("settings.write")
def practice_new(request: MemberRequest) -> HttpResponse:
    """A further practice; while the first run stands at its first step, that one."""
    first = Practice.objects.order_by("pk").first() if request.GET.get("setup") else None
    return _practice(request, first)


@door("settings.write")
def practice(request: MemberRequest, practice_id: int) -> HttpResponse:
    """A practice."""
    return _practice(request, _found(Practice, practice_id))


def _practice(request: MemberRequest, row: Practice | None) -> HttpResponse:
    new = {"name": request.membership.organisation.name, "time_zone": request.membership.organisation.time_zone}
    new |= {"setting": "office", "prefers": "payment"}
    form = PracticeForm(request.POST or None, stands=_stands(PracticeForm, row) if row else new)

    def save(cells: dict[str, Any]) -> None:
        actions.save_practice(acting_user=request.membership, practice=row, **cells)

    return answer(request, form, save, str(row) if row else "The practice", "settings")


@door("settings.write")
def people(request: MemberRequest) -> HttpResponse:
    """The directory, with what every credential's days say today."""
    shown = {"people": people_with_credentials(), "here": "settings"}
    return render(request, "tenancy/people.html", shown)


@door("settings.write")
def person_new(request: MemberRequest) -> HttpResponse:
    """Someone new; then their credentials."""
    if not Practice.objects.exists():
        messages.info(request, "First enter the practice they work in.")
        return redirect("practice_new")
    wanted = request.GET.get("kind", "")
    new = {"practice": Practice.objects.order_by("pk").first(), "supervision": "general", "kind": wanted}
    form = PersonForm(request.POST or None, stands=new)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.save_person(acting_user=request.membership, person=None, **form.cleaned_data)
        except SettingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, f"{row} is in the directory. Add their licences now, or later.")
            return redirect(_person_page(row, request))
    shown = {"form": form, "title": "Someone new", "back": "people", "in_setup": request.GET.get("setup")}
    shown["here"] = "settings"
    return render(request, "tenancy/form.html", shown, status=422 if form.errors else 200)


def _person_page(row: Person, request: MemberRequest) -> str:
    from django.urls import reverse

    return reverse("person", args=[row.pk]) + ("?setup=1" if request.GET.get("setup") else "")


@door("settings.write")
def person(request: MemberRequest, person_id: int) -> HttpResponse:
    """Someone of the directory, with their credentials."""
    row = _found(Person, person_id)
    form = PersonForm(request.POST or None, stands=_stands(PersonForm, row))

    def save(cells: dict[str, Any]) -> None:
        actions.save_person(acting_user=request.membership, person=row, **cells)

    held = next(one.held for one in people_with_credentials() if one.pk == row.pk)
    more = {"person": row, "held": held, "credential_form": CredentialForm(auto_id="credential_%s")}
    return answer(request, form, save, str(row), "people", **more)


@door("settings.write")
@require_POST
def credential_add(request: MemberRequest, person_id: int) -> HttpResponse:
    """A licence or certificate."""
    row = _found(Person, person_id)
    form = CredentialForm(request.POST, auto_id="credential_%s")
    if form.is_valid():
        actions.add_credential(acting_user=request.membership, person=row, **form.cleaned_data)
        messages.success(request, "Added.")
        return redirect(_person_page(row, request))
    held = next(one.held for one in people_with_credentials() if one.pk == row.pk)
    shown = {"form": PersonForm(stands=_stands(PersonForm, row)), "title": str(row), "back": "people", "person": row}
    shown |= {"held": held, "credential_form": form, "here": "settings", "in_setup": request.GET.get("setup")}
    return render(request, "tenancy/form.html", shown, status=422)


@door("settings.write")
@require_POST
def credential_remove(request: MemberRequest, credential_id: int) -> HttpResponse:
    """One that was entered in error."""
    row = Credential.objects.select_related("person").filter(pk=credential_id).first()
    if row is None:
        return redirect("people")
    actions.remove_credential(acting_user=request.membership, credential=row)
    messages.success(request, "Taken out. The audit log keeps what it said.")
    return redirect(_person_page(row.person, request))


def _found(model: Any, pk: int) -> Any:
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _stands(form: Any, row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _OWN[form] if name != "seen"}
