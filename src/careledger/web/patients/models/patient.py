"""The patient, who pays, and the practitioner whose claim it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from careledger.web.tenancy.fields import WordsField, day, truth, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow


class Patient(OrganisationRow):
    """A beneficiary; see ``core.records.Patient``.

    Attributes:
        code: the patient's id in the practice.
        care_manager: who works with the patient.
        revision: raised by every write to the patient's record.
    """

    code = models.CharField(max_length=120)
    family_name = word()
    given_name = word()
    born_on = day()
    died_on = day()
    sex = word()
    address = word()
    city = word()
    state = word()
    zip = word()
    phone = word()
    language = word()
    residence = word()
    complex_multidisciplinary_care = truth()
    care_manager = person_link(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "code"), name="patient_code"),)
        indexes = (models.Index(fields=("organisation", "family_name", "given_name"), name="patient_by_name"),)
        ordering = ("family_name", "given_name", "pk")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """Family name first, as lists show it; the id where no name is recorded."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part) or self.code

    @property
    def age(self) -> int | None:
        """Whole years, today or at death."""
        if self.born_on is None:
            return None
        on: date = self.died_on or timezone.localdate()
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


def patient_link(related_name: str, **kwargs: Any) -> Any:
    """A foreign key to the patient."""
    return models.ForeignKey(Patient, on_delete=models.PROTECT, related_name=related_name, **kwargs)


class Coverage(OrganisationRow):
    """Who pays, from when to when."""

    patient = patient_link("coverage")
    payer = models.CharField(max_length=60)
    plan = word()
    member_id = word()
    since = day()
    until = day()
    part_b = truth()
    qmb = truth()
    rank = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"coverage {self.pk}"


class Panel(OrganisationRow):
    """A practitioner whose claim is considered for a patient; ``PractitionerOfRecord`` says who answers for them when."""

    patient = patient_link("panel")
    biller = person_link()
    established = truth()
    last_seen_on = day()
    elects = WordsField(default=())
    asked = WordsField(default=())
    setting = word()
    primary_care_focal_point = truth()
    able_to_furnish_all = truth()
    quality_reporting = truth()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "biller"), name="panel_once"),)

    def __str__(self) -> str:
        return f"panel {self.pk}"


class SentForm(OrganisationRow):
    """A form that was sent and did its work; sent a second time it does nothing. Tells of no patient."""

    token = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "token"), name="form_once"),)

    def __str__(self) -> str:
        return f"sent form {self.pk}"
