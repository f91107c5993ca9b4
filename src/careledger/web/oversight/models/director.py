"""The director's log. No column names a patient, a code or a claim: there is nothing here that could be billed.

These tables have no relation to any table of the chart, and none of the chart's or billing's tables has one to these.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow


class DirectorAgreement(OrganisationRow):
    """A personal-services agreement: duties, rate and cap set before any work; a change is a new agreement."""

    only_grows = True

    code = models.CharField(max_length=60)
    director = person_link()
    approver = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    rate_cents_per_hour = models.PositiveIntegerField()
    cap_minutes_per_month = models.PositiveIntegerField()
    duties = models.JSONField()
    terms = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "code"), name="agreement_code"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=F("signed_on")), name="agreement_signed_before_it_starts"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="agreement_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(rate_cents_per_hour__gt=0, cap_minutes_per_month__gt=0), name="agreement_rate_and_cap"
            ),
        )


class DirectorEntry(OrganisationRow):
    """A stretch of administrative work under a duty of an agreement, or the voiding of one."""

    only_grows = True

    agreement = models.ForeignKey(DirectorAgreement, on_delete=models.PROTECT, related_name="entries")
    duty = models.CharField(max_length=60)
    start_s = models.BigIntegerField()
    end_s = models.BigIntegerField()
    on = models.DateField()
    what = models.TextField()
    recorded_s = models.BigIntegerField()
    recorded_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    voids = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="voided_by")
    why_void = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("start_s", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(end_s__gt=F("start_s"), end_s__lte=F("start_s") + 86_400), name="director_stretch"
            ),
        )


class DirectorApproval(OrganisationRow):
    """The approver's signature under a month; nothing is logged into the month afterwards."""

    only_grows = True

    agreement = models.ForeignKey(DirectorAgreement, on_delete=models.PROTECT, related_name="approvals")
    month = models.CharField(max_length=7)
    approver = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    approved_on = models.DateField()
    minutes = models.PositiveIntegerField()
    amount_cents = models.PositiveIntegerField()
    signature = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agreement", "month"), name="month_approved_once"),)
