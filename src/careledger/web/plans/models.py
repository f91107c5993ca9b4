"""Care plans and their measurable goals: what the engine reads, and the versions, signatures and readings behind it."""

from __future__ import annotations

from django.db import models

from careledger.core.records import PROGRAMS
from careledger.web.accounts.models import Membership
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField, day, prose, word
from careledger.web.tenancy.models import person_link
from careledger.web.tenancy.scope import OrganisationRow

_PROGRAM_CHOICES = [(name, name.upper()) for name in PROGRAMS]
ACHIEVEMENTS = (
    ("in-progress", "In progress"),
    ("improving", "Improving"),
    ("no-change", "No change"),
    ("worsening", "Worsening"),
    ("achieved", "Achieved"),
    ("sustaining", "Sustained"),
    ("not-achieved", "Not achieved"),
    ("no-progress", "No progress"),
    ("not-attainable", "Cannot be reached"),
)
"""How a goal fares, by the codes of FHIR's goal achievement."""
EXTENTS = (("minor", "Minor: details were changed"), ("substantial", "Substantial: the plan is new in substance"))


class PlanHead(OrganisationRow):
    """Where a patient's plan in a program stands; a writer locks this row.

    Attributes:
        number: the latest version.
        signed_number, given_number: the latest version signed, and the latest given to the patient.
        review_due_on: the day the practice means to look at the plan again.
    """

    patient = patient_link("plan_heads")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    number = models.PositiveIntegerField(default=0)
    signed_number = models.PositiveIntegerField(null=True)
    given_number = models.PositiveIntegerField(null=True)
    review_due_on = day()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "program"), name="plan_head_once"),)

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanVersion(OrganisationRow):
    """The whole plan as someone left it.

    Attributes:
        content: see ``plans.content``.
        digest: SHA-256 of the content, by which a signature names what it signs.
        change: what was done, such as ``goal changed: ...``.
    """

    only_grows = True
    patient = patient_link("plan_versions")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    change = models.CharField(max_length=200)
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "program", "number"), name="plan_version_once"),)
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"version {self.number}"


class PlanSignature(OrganisationRow):
    """A practitioner's signature under one version."""

    only_grows = True
    patient = patient_link("plan_signatures")
    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, related_name="signature")
    practitioner = person_link()
    digest = models.CharField(max_length=64)
    extent = models.CharField(max_length=12, choices=EXTENTS)
    signed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan signature {self.pk}"


class PlanDelivery(OrganisationRow):
    """A copy of a signed version that patient or caregiver was given.

    Attributes:
        form: paper or electronic, as policy names them.
        way: how it came to them, such as by mail.
        once: the form's own key; the same form sent twice is one delivery.
    """

    only_grows = True
    patient = patient_link("plan_deliveries")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="deliveries")
    on = models.DateField()
    form = models.CharField(max_length=20)
    way = models.CharField(max_length=20)
    given_to = models.CharField(max_length=20)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, default="en")
    once = models.CharField(max_length=40)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "once"), name="plan_delivery_once"),)
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"delivery {self.pk}"


NEWEST_FIRST = tuple(models.F(name).desc(nulls_last=True) for name in ("revised_on", "established_on", "pk"))
"""Orders care plans alike on either database: a day that is not recorded comes last."""


class CarePlan(OrganisationRow):
    """A version of the patient's care plan; see ``core.records.CarePlan``.

    Attributes:
        version: the version that was signed here; None for a plan that came from another system.
    """

    patient = patient_link("care_plans")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES)
    established_on = day()
    reviewed_on = day()
    revised_on = day()
    signed_by = word()
    copy_given_on = day()
    elements = WordsField(null=True)
    revision = word()
    delivered_by = word()
    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, null=True, related_name="care_plan")

    class Meta:
        indexes = (models.Index(fields=("organisation", "patient", "program"), name="plan_by_patient"),)

    def __str__(self) -> str:
        return f"care plan {self.pk}"


class Goal(OrganisationRow):
    """A measurable goal of the care plan; see ``core.records.Goal``.

    Attributes:
        program: the plan it belongs to; None for a goal that came from another system.
        next_review_on: the day it is to be looked at again.
    """

    code = models.CharField(max_length=120)
    patient = patient_link("goals")
    program = models.CharField(max_length=12, choices=_PROGRAM_CHOICES, null=True)
    text = models.TextField()
    measure = word()
    target = word()
    due_on = day()
    status = word()
    condition = word()
    reviewed_on = day()
    next_review_on = day()
    barriers = prose()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "code"), name="goal_code"),)
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"goal {self.pk}"


class Reading(OrganisationRow):
    """A measured value of a goal; a wrong one is withdrawn by a row that names it and says why.

    Attributes:
        source: typed, or the assessment it was scored by.
        withdraws: the reading this row takes back; such a row has no value.
    """

    only_grows = True
    patient = patient_link("readings")
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="readings")
    value = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    unit = models.CharField(max_length=30, blank=True)
    on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=20, default="typed")
    withdraws = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="withdrawal")
    once = models.CharField(max_length=40)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "once"), name="reading_once"),)
        indexes = (models.Index(fields=("organisation", "goal", "on"), name="reading_by_goal"),)
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"reading {self.pk}"


class GoalReview(OrganisationRow):
    """Someone's look at a goal: how it fares and when it is looked at again."""

    only_grows = True
    patient = patient_link("goal_reviews")
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="reviews")
    status = models.CharField(max_length=20, choices=ACHIEVEMENTS)
    on = models.DateField()
    next_on = day()
    note = models.CharField(max_length=500, blank=True)
    once = models.CharField(max_length=40)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "once"), name="goal_review_once"),)
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"goal review {self.pk}"


class Assessment(OrganisationRow):
    """A questionnaire as answered, with the score the server made of it.

    Attributes:
        instrument: its id in ``data/assessments.yaml``.
        answers: question to the place of the chosen option.
        band: id of the band the score falls in.
        alarm: an answer that needs a person at once was given.
    """

    only_grows = True
    patient = patient_link("assessments")
    instrument = models.CharField(max_length=20)
    on = models.DateField()
    answers = models.JSONField()
    score = models.IntegerField()
    band = models.CharField(max_length=30)
    alarm = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    once = models.CharField(max_length=40)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "once"), name="assessment_once"),)
        indexes = (models.Index(fields=("organisation", "patient", "instrument", "on"), name="assessment_by_patient"),)
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class AlarmAnswered(OrganisationRow):
    """What was done about an assessment's alarm; without one the alarm stands on every page of the plan."""

    only_grows = True
    patient = patient_link("alarms_answered")
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="answered")
    done = models.CharField(max_length=500)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"alarm answered {self.pk}"
