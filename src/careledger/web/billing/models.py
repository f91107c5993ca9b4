"""What billing adds to a chart, and where each patient's month stands."""

from __future__ import annotations

from typing import Any

from django.db import models

from careledger.core.records import MDM_LEVELS
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import day, truth, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow


class DecisionMaking(OrganisationRow):
    """Complexity of medical decision-making in a month, recorded by the practitioner."""

    patient = patient_link("decision_making")
    practitioner = models.CharField(max_length=120)
    month = models.CharField(max_length=7)
    level = models.CharField(max_length=20, choices=[(level, level) for level in MDM_LEVELS])

    def __str__(self) -> str:
        return f"decision-making {self.pk}"


class ExtraPlanning(OrganisationRow):
    """The practitioner's own extra assessment and planning at the initiating visit."""

    patient = patient_link("extra_planning")
    by = person_link()
    on = models.DateField()
    beyond_usual_effort = truth()

    def __str__(self) -> str:
        return f"extra planning {self.pk}"


class OtherClaim(OrganisationRow):
    """A service already billed, or being billed, by anyone."""

    patient = patient_link("other_claims")
    practitioner = word()
    code = models.CharField(max_length=5)
    on = models.DateField()
    practice_code = word()
    specialty = word()
    units = models.PositiveIntegerField(default=1)
    since = day()
    until = day()

    def __str__(self) -> str:
        return f"other claim {self.pk}"

    @property
    def practice_id(self) -> Any:
        return self.practice_code

    @practice_id.setter
    def practice_id(self, code: Any) -> None:
        self.practice_code = code


class Standing(OrganisationRow):
    """Where a patient's month stood when it was last decided; a copy for lists, made anew when the record changes.

    Attributes:
        patient_revision: the record it was made from; another revision makes it out of date.
        state: ready, blocked (a record is missing), minutes (only time is missing), person (someone must decide), none.
        counted_s: time that counts, of the program that leads.
        needed_s: time missing to the next unit, None when none is to be had.
        bills: codes and units, as pairs.
        blockers: what stands in the way, each with rule, sentence and next step.
    """

    STATES = (
        ("ready", "Ready to bill"),
        ("person", "A person decides"),
        ("minutes", "Needs minutes"),
        ("blocked", "Blocked"),
        ("none", "No care recorded"),
    )

    patient = patient_link("standings")
    month = models.CharField(max_length=7)
    biller = person_link()
    as_of = models.DateField()
    patient_revision = models.PositiveBigIntegerField()
    policy_version = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=STATES)
    program = models.CharField(max_length=12, blank=True)
    counted_s = models.PositiveIntegerField(default=0)
    needed_s = models.PositiveIntegerField(null=True)
    next_code = models.CharField(max_length=5, blank=True)
    bills = models.JSONField(default=list)
    allowed_cents = models.IntegerField(null=True)
    blockers = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "month", "biller"), name="standing_once"),)
        indexes = (models.Index(fields=("organisation", "month", "state"), name="standing_by_state"),)

    def __str__(self) -> str:
        return f"standing {self.pk}"
