"""Care plans and their measurable goals."""

from __future__ import annotations

from django.db import models

from careledger.core.records import PROGRAMS
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField, day, prose, word
from careledger.web.tenancy.scope import OrganisationRow


class CarePlan(OrganisationRow):
    """A version of the patient's care plan."""

    patient = patient_link("care_plans")
    program = models.CharField(max_length=12, choices=[(name, name.upper()) for name in PROGRAMS])
    established_on = day()
    reviewed_on = day()
    revised_on = day()
    signed_by = word()
    copy_given_on = day()
    elements = WordsField(null=True)
    revision = word()
    delivered_by = word()

    class Meta:
        indexes = (models.Index(fields=("organisation", "patient", "program"), name="plan_by_patient"),)

    def __str__(self) -> str:
        return f"care plan {self.pk}"


class Goal(OrganisationRow):
    """A measurable goal of the care plan."""

    code = models.CharField(max_length=120)
    patient = patient_link("goals")
    text = models.TextField()
    measure = word()
    target = word()
    due_on = day()
    status = word()
    condition = word()
    reviewed_on = day()
    barriers = prose()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "code"), name="goal_code"),)
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"goal {self.pk}"
