"""What a practitioner reviewed and signed of a month. Rows are only added; a changed month asks for a new signature."""

from __future__ import annotations

from django.db import models

from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow


class Review(OrganisationRow):
    """Somebody looked at a patient's month as it stood.

    Attributes:
        bills: codes and units that were seen; another set is to be looked at again.
    """

    only_grows = True

    patient = patient_link("reviews")
    practitioner = person_link()
    month = models.CharField(max_length=7)
    bills = models.JSONField()
    seen_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("organisation", "month", "patient"), name="review_by_month"),)

    def __str__(self) -> str:
        return f"review {self.pk}"


class Attestation(OrganisationRow):
    """The practitioner's word that a month's services were furnished as logged, under the practitioner's own sign-in."""

    only_grows = True

    patient = patient_link("attestations")
    practitioner = person_link()
    month = models.CharField(max_length=7)
    bills = models.JSONField()
    words = models.TextField()
    signed_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("organisation", "month", "patient"), name="attestation_by_month"),)

    def __str__(self) -> str:
        return f"attestation {self.pk}"


class ClosedMonth(OrganisationRow):
    """A month was closed, or opened again with a reason; the latest row tells. What stood is kept, as pairs by patient."""

    only_grows = True
    for_auditors = True

    month = models.CharField(max_length=7)
    is_closed = models.BooleanField()
    because = models.TextField(blank=True)
    stood = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("organisation", "month"), name="closed_by_month"),)

    def __str__(self) -> str:
        return f"closed month {self.pk}"
