"""Who could be enrolled, as the engine last said."""

from __future__ import annotations

from typing import Any

from django.db import models

from careledger.core.records import PROGRAMS
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.scope import OrganisationRow

STATES = (
    ("eligible", "Eligible"),
    ("visit", "After a visit"),
    ("unclear", "A record is missing"),
    ("person", "A person decides"),
    ("elsewhere", "Billed elsewhere"),
    ("no", "Not eligible"),
)


class Candidate(OrganisationRow):
    """How a patient stands to a program that could begin today; a copy for the list, made anew when the record changes.

    Attributes:
        state: see ``STATES``; ``visit``: eligible once an initiating visit is held.
        code: the code that would be billed first.
        reasons: what speaks for and against it, each with outcome, rule, sentence, next step and sources.
        as_of: the day that was asked about.
    """

    patient = patient_link("candidacies")
    program = models.CharField(max_length=12, choices=[(name, name.upper()) for name in PROGRAMS])
    state = models.CharField(max_length=10, choices=STATES)
    code = models.CharField(max_length=5, blank=True)
    reasons = models.JSONField(default=list)
    as_of = models.DateField()
    patient_revision = models.PositiveBigIntegerField()
    policy_version = models.CharField(max_length=80)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "program"), name="candidate_once"),)
        indexes = (models.Index(fields=("organisation", "program", "state"), name="candidate_by_state"),)

    def __str__(self) -> str:
        return f"candidate {self.pk}"

    @property
    def against(self) -> list[dict[str, Any]]:
        """What stands in the way."""
        return [reason for reason in self.reasons if reason["outcome"] not in ("met", "note")]

    @property
    def speaking_for(self) -> list[dict[str, Any]]:
        """What is in order."""
        return [reason for reason in self.reasons if reason["outcome"] == "met"]
