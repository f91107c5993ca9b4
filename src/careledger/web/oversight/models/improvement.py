"""Aims of quality improvement, their points over time, cycles of change and notes."""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow


class Aim(OrganisationRow):
    """What is to become better, by how much, by when."""

    says = models.CharField(max_length=300)
    measure = models.CharField(max_length=200)
    unit = models.CharField(max_length=20, blank=True)
    target = models.FloatField()
    by = models.DateField()
    owner = models.CharField(max_length=120)
    better = models.CharField(
        max_length=4, choices=(("up", "higher is better"), ("down", "lower is better")), default="up"
    )
    baseline_points = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("by", "pk")


class AimPoint(OrganisationRow):
    """A period's value of an aim's measure; a later row of the same period takes its place."""

    only_grows = True

    aim = models.ForeignKey(Aim, on_delete=models.PROTECT, related_name="points")
    period = models.CharField(max_length=10)
    value = models.FloatField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("period", "pk")


class Cycle(OrganisationRow):
    """One plan-do-study-act cycle; what has not happened yet is empty."""

    aim = models.ForeignKey(Aim, on_delete=models.PROTECT, related_name="cycles")
    since = models.DateField()
    plan = models.TextField()
    do = models.TextField(blank=True)
    study = models.TextField(blank=True)
    act = models.TextField(blank=True)

    class Meta:
        ordering = ("since", "pk")


class AimNote(OrganisationRow):
    """Something worth keeping about an aim."""

    only_grows = True

    aim = models.ForeignKey(Aim, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
