"""Settings at a glance, the first run, and the values of the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.models import Membership
from careledger.web.tenancy import setup as first_run
from careledger.web.tenancy.actions import HOUSE, SettingRefused, save_house
from careledger.web.tenancy.claims_settings import stands
from careledger.web.tenancy.house_forms import HouseForm
from careledger.web.tenancy.models import Organisation, Person, Practice


@door("settings.write")
def settings(request: MemberRequest) -> HttpResponse:
    """What is set, at a glance."""
    organisation = request.membership.organisation
    left = [step for step in first_run.steps(organisation) if not step.is_done]
    shown = {
        "organisation": organisation,
        "practices": Practice.objects.order_by("pk"),
        "people": people_with_credentials(),
        "members": Membership.objects.filter(organisation=organisation).select_related("user", "person").order_by("pk"),
        "claims": stands(),
        "left": left,
        "here": "settings",
    }
    return render(request, "tenancy/settings.html", shown)


def people_with_credentials() -> list[Person]:
    """The directory, each with their credentials and how these stand today."""
    on = timezone.localdate()
    found = Person.objects.select_related("practice").prefetch_related("credentials").order_by("practice", "name", "pk")
    people = list(found)
    for person in people:
        person.held = [(one, one.standing_on(on)) for one in person.credentials.all()]
    return people


@door("settings.write")
def setup(request: MemberRequest) -> HttpResponse:
    """The first run: every step, what stands, and where to go on."""
    found = first_run.steps(request.membership.organisation)
    following = next((step for step in found if not step.is_done), None)
    done = sum(step.is_done for step in found)
    shown = {"steps": found, "next": following, "done": done, "here": "settings"}
    return render(request, "tenancy/setup.html", shown)


@door("settings.write")
def house(request: MemberRequest) -> HttpResponse:
    """The values of the house."""
    row = Organisation.objects.get(pk=request.membership.organisation_id)
    form = HouseForm(request.POST or None, stands={name: getattr(row, name) for name in HOUSE})

    def save(cells: dict[str, Any]) -> None:
        save_house(acting_user=request.membership, **cells)

    return answer(request, form, save, "Values of the house", "settings")


def answer(
    request: MemberRequest,
    form: forms.Form,
    save: Callable[[dict[str, Any]], Any],
    title: str,
    back: str,
    says: str = "",
    **more: Any,
) -> HttpResponse:
    """A page with one form: saved, it goes on; refused, it says why beside the field and keeps what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except SettingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, "Saved.")
            return redirect("setup" if request.GET.get("setup") else back)
    shown = {"form": form, "title": title, "says": says, "back": back, "in_setup": request.GET.get("setup"), **more}
    shown["here"] = "settings"
    return render(request, "tenancy/form.html", shown, status=422 if form.errors else 200)
