"""Settings: the practice, its people and its users."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from careledger.web.accounts.doors import MemberRequest, door
from careledger.web.accounts.models import Membership
from careledger.web.tenancy.models import Person, Practice


@door("settings.write")
def settings(request: MemberRequest) -> HttpResponse:
    """What is set, at a glance."""
    organisation = request.membership.organisation
    shown = {
        "organisation": organisation,
        "practices": Practice.objects.order_by("pk"),
        "people": Person.objects.select_related("practice").order_by("practice", "name"),
        "members": Membership.objects.filter(organisation=organisation).select_related("user", "person").order_by("pk"),
        "here": "settings",
    }
    return render(request, "tenancy/settings.html", shown)
