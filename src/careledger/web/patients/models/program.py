"""Programs: consent, enrolment, the practitioner of record and the dated history of a patient's status. They only grow."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone

from careledger.core.records import CONSENT_FORMS, PROGRAMS
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField, day, truth, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow

STATUSES = (
    ("eligible", "Eligible"),
    ("invited", "Invited"),
    ("consented", "Consented"),
    ("enrolled", "Enrolled"),
    ("enrolled_elsewhere", "Enrolled elsewhere"),
    ("declined", "Declined"),
    ("revoked", "Revoked"),
    ("ineligible", "Ineligible"),
)
_PROGRAM_CHOICES = [(name, name.upper()) for name in PROGRAMS]


class ProgramStatus(OrganisationRow):
    """A status a patient took in a program on a day; the latest day, then the latest row, is the present one."""

    only_grows = True
    patient = patient_link("statuses")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    status = models.CharField(max_length=20, choices=STATUSES)
    on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("organisation", "program", "patient", "on"), name="status_by_patient"),)

    def __str__(self) -> str:
        return f"status {self.pk}"


class Consent(OrganisationRow):
    """The patient's consent to a program. It is never changed: a revocation is a row of its own.

    Attributes:
        share_cents: the patient's estimated share of a plain month, as the patient was told it; null where none was known.
        typed: a person recorded it here; otherwise an import brought it, and its own record is elsewhere.
    """

    only_grows = True
    patient = patient_link("consents")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    given_on = day()
    form = word(choices=[(name, name) for name in CONSENT_FORMS])
    documented = truth()
    practitioner = word()
    covers = WordsField(null=True)
    recorded_by = word()
    given_by = models.CharField(
        max_length=20, default="patient", choices=[("patient", "patient"), ("representative", "representative")]
    )
    representative = word()
    language = word()
    share_cents = models.IntegerField(null=True, blank=True)
    typed = truth()
    recorded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"consent {self.pk}"

    @property
    def days_late(self) -> int:
        """Days between the consent and its record here, in the practice's zone; 0 on its day, and for imported ones."""
        if self.given_on is None or not self.typed:
            return 0
        return max(0, (timezone.localtime(self.recorded_at).date() - self.given_on).days)

    @property
    def revoked_on(self) -> date | None:
        """The day it was revoked; effective at the end of that month. Prefetch ``revocations``."""
        days = [row.on for row in self.revocations.all()]
        return min(days) if days else None


class ConsentRevocation(OrganisationRow):
    """The patient's word that a consent ends."""

    patient_path = "consent__patient"
    only_grows = True
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="revocations")
    on = models.DateField()
    recorded_by = word()
    recorded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"revocation {self.pk}"


class Enrolment(OrganisationRow):
    """The start of a program for a patient."""

    patient = patient_link("enrolments")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    started_on = models.DateField()

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class PractitionerOfRecord(OrganisationRow):
    """Who answers for a patient from a day on; the latest day, then the latest row, is the present one.

    Attributes:
        since: the first day; null: from the beginning, written with the first change.
    """

    only_grows = True
    patient = patient_link("practitioners_of_record")
    practitioner = person_link()
    since = day()
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("organisation", "patient", "since"), name="of_record_by_patient"),)

    def __str__(self) -> str:
        return f"practitioner of record {self.pk}"
