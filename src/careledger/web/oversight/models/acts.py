"""Acts of the five components of oversight."""

from __future__ import annotations

from django.db import models

from careledger.web.patients.models import Patient
from careledger.web.tenancy.scope import OrganisationRow


class OversightAct(OrganisationRow):
    """Something done in oversight, signed by its author; a mistake is told in a further act.

    It is never a time entry: the minutes here are what the author says, and only the time ledger counts for billing.

    Attributes:
        told: the template's lines with what was written to each.
        is_for: what the act is for billing, as the rules of its day say.
        cite: the sources that say so.
    """

    only_grows = True

    component = models.CharField(max_length=40)
    activity = models.CharField(max_length=60)
    on = models.DateField()
    minutes = models.PositiveIntegerField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="oversight_acts")
    part_of_visit = models.BooleanField(default=False)
    under_agency_plan = models.BooleanField(null=True)
    concerns = models.CharField(max_length=300, blank=True)
    told = models.JSONField(default=dict)
    is_for = models.CharField(max_length=20)
    why = models.TextField()
    cite = models.JSONField(default=list)
    author = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    signature = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-pk")
        indexes = (models.Index(fields=("organisation", "on"), name="act_by_day"),)
