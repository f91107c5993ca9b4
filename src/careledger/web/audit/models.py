"""The audit log: who did or read what, when, chained by hashes. Database triggers refuse update and delete."""

from __future__ import annotations

from datetime import date

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow


class AuditEvent(OrganisationRow):
    """One read or write, with what stood before and what stands after.

    Attributes:
        action: dotted and past, such as ``consent.recorded``; reads end in ``.read``.
        target: kind and id of the row, such as ``consent 12``.
        patient_ref: number of the patient's row; plain, so that the log stands by itself.
    """

    only_grows = True
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    user_ref = models.BigIntegerField(null=True)
    who = models.CharField(max_length=200)
    role = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=120, blank=True)
    patient_ref = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "sequence"), name="audit_sequence"),)
        indexes = (
            models.Index(fields=("organisation", "patient_ref", "sequence"), name="audit_by_patient"),
            models.Index(fields=("organisation", "user_ref", "sequence"), name="audit_by_user"),
        )

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.target}"


class AuditHead(models.Model):
    """Where an organisation's chain ends: the row a writer locks, so that two writers never take one place."""

    organisation = models.OneToOneField("tenancy.Organisation", on_delete=models.PROTECT, related_name="+")
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.sequence}"


class Engagement(OrganisationRow):
    """One audit: which patient-months an auditor may read, from when to when. An auditor has one at a time.

    Attributes:
        since, until: first and last day of access.
        ended_at: when it was ended before its last day.
    """

    for_auditors = True
    membership = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="engagements")
    name = models.CharField(max_length=120)
    since = models.DateField()
    until = models.DateField()
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-since", "-pk")

    def __str__(self) -> str:
        return f"audit {self.pk}"

    def is_open(self, on: date) -> bool:
        """May its auditor read today?"""
        return self.ended_at is None and self.since <= on <= self.until


class EngagementMonth(OrganisationRow):
    """A patient's month that an audit looks at."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="months")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("engagement", "patient", "month"), name="audited_once"),)

    def __str__(self) -> str:
        return f"audited month {self.pk}"
