"""What the radar found, and what was done about it."""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow

SEVERITIES = (("high", "High"), ("medium", "Medium"), ("low", "Low"))
STEPS = (
    ("open", "Open"),
    ("inquiry", "Being looked into"),
    ("corrected", "Corrected and replaced"),
    ("refunded", "Refunded"),
    ("no_fault", "No fault, with the reason"),
)


class RadarRun(OrganisationRow):
    """One run over the clinic's claims and logs."""

    at = models.DateTimeField()
    lines = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    asked = models.JSONField(default=dict)
    not_asked = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)


class RadarFinding(OrganisationRow):
    """A finding, the same over all runs that made it, so that its clock starts once.

    Attributes:
        key: of the check and its evidence; another run with the same key found the same.
        identified_on: the day of the first run that found it.
        last_run: the last run that found it; another run after that no longer did.
        refund_lines: how many claim lines it may concern; none when nothing was paid by it.
    """

    key = models.CharField(max_length=64)
    check_id = models.CharField(max_length=60)
    severity = models.CharField(max_length=10, choices=SEVERITIES)
    patient_code = models.CharField(max_length=120, blank=True)
    who = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=40, blank=True)
    evidence = models.TextField(blank=True)
    detail = models.TextField()
    rule = models.CharField(max_length=120)
    cite = models.CharField(max_length=300)
    mend = models.TextField()
    refund_lines = models.PositiveIntegerField(default=0)
    identified_on = models.DateField()
    return_by = models.DateField(null=True)
    last_run = models.ForeignKey(RadarRun, on_delete=models.PROTECT, related_name="findings")
    step = models.CharField(max_length=20, choices=STEPS, default="open")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "key"), name="finding_once"),)
        indexes = (models.Index(fields=("organisation", "step", "severity"), name="finding_by_step"),)


class FindingWork(OrganisationRow):
    """What somebody did about a finding; the last row is where it stands."""

    only_grows = True

    finding = models.ForeignKey(RadarFinding, on_delete=models.PROTECT, related_name="work")
    step = models.CharField(max_length=20, choices=STEPS)
    note = models.TextField()
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)


class StudyReport(OrganisationRow):
    """A utilisation study that was run here: its figures and report; the claims themselves are not kept."""

    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    figures = models.TextField()
    report = models.TextField()
    pdf_base64 = models.TextField()

    class Meta:
        ordering = ("-pk",)
