"""The life of the demo clinic: what its people wrote in the app itself, by the app's own actions."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from careledger.web.demo.house import licence, oversee
from careledger.web.demo.plans import write_plans
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in

__all__ = ["live"]


@transaction.atomic
def live(clinic: Organisation) -> None:
    """Licences, written plans with goals, readings and reviews, oversight and a first run of the radar, as of now.

    The same clinic on the same day gets the same; only invented people and words of our own.
    """
    with acting_in(clinic), timezone.override(clinic.zone):
        licence()
        write_plans()
        oversee()
