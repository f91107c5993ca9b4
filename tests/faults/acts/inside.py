"""Where acts of the clinic happen, and who does them."""

from __future__ import annotations

from typing import Any

MONTH = "2026-10"
"""The month that stands to be closed in every house."""


def in_clinic() -> Any:
    """The clinic's scope and its zone."""
    from contextlib import ExitStack

    from django.utils import timezone

    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in

    clinic = Organisation.objects.get(slug="lakeside")
    stack = ExitStack()
    stack.enter_context(acting_in(clinic))
    stack.enter_context(timezone.override(clinic.zone))
    return stack


def member(role: str) -> Any:
    from careledger.web.accounts.models import Membership

    return Membership.objects.select_related("user", "person").get(role=role, organisation__slug="lakeside")


def patient() -> Any:
    from careledger.web.patients.models import Patient

    return Patient.objects.get(code="p1")
