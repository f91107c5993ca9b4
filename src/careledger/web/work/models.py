"""Jobs: what was asked, how far it is, and what came of it."""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.scope import OrganisationRow


class Job(OrganisationRow):
    """A piece of background work.

    Attributes:
        beat_at: when whoever does it was last seen; a running job without a beat is begun anew.
        tries: how often it was begun.
        result: what came of it: ``says`` for people, ``next`` a page to go to.
    """

    STATES = (("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed"))

    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    started_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    says = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=("state", "created_at"), name="job_by_state"),)
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"job {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")

    @property
    def percent(self) -> int:
        """How far it is; 0 while that is not known."""
        return 100 if self.state == "done" else min(99, 100 * self.done // self.total) if self.total else 0
