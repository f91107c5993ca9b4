"""Organisations, the practices they bill from and the people who work in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from careledger.core.records import PERSON_KINDS, PRACTITIONER_KINDS, SETTINGS, SUPERVISION_LEVELS
from careledger.web.tenancy.fields import WordsField, day, truth, word
from careledger.web.tenancy.scope import OrganisationRow

PROFESSIONS = {
    "physician": "physician",
    "np": "nurse practitioner",
    "pa": "physician assistant",
    "cns": "clinical nurse specialist",
    "cnm": "nurse midwife",
    "lcsw": "clinical social worker",
    "mft": "marriage and family therapist",
    "mhc": "mental health counsellor",
    "rn": "registered nurse",
    "lpn": "licensed practical nurse",
    "ma": "medical assistant",
    "chw": "community health worker",
}

ENDS_SOON_DAYS = 30
"""Days before its end from which a credential is pointed out. A house value."""


def _choices(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(one, PROFESSIONS.get(one, one.replace("_", " "))) for one in words]


class Organisation(models.Model):
    """A tenant: a practice or group with its own patients, people and rules of the house.

    Attributes:
        forgotten_after_minutes: a running timer older than this is proposed for trimming. A house value; no law sets it.
        late_after_days: time recorded more days after the work is flagged late. A house value.
        needs_time_approval: a second person approves time before it counts.
        approval_since: the first day of work that needs it; earlier work counts as it did.
        note_templates: the house's own starting texts for notes, one a line; empty for those that come with CareLedger.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    forgotten_after_minutes = models.PositiveIntegerField(default=60)
    late_after_days = models.PositiveIntegerField(default=3)
    idle_lock_minutes = models.PositiveIntegerField(default=15)
    needs_time_approval = models.BooleanField(default=False)
    approval_since = day()
    note_templates = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Practice(OrganisationRow):
    """A group that bills under one tax id; see ``core.records.Practice``."""

    for_auditors = True
    code = models.CharField(max_length=120)
    name = word()
    time_zone = models.CharField(max_length=60, default="America/New_York")
    npi = word()
    tax_id = word()
    taxonomy = word()
    address = word()
    city = word()
    state = word()
    zip = word()
    phone = word()
    setting = models.CharField(max_length=30, default="office", choices=_choices(SETTINGS))
    locality = word()
    access_24_7 = truth()
    certified_ehr = truth()
    prefers = models.CharField(max_length=20, default="payment")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "code"), name="practice_code"),)

    def __str__(self) -> str:
        return self.name or self.code


class Person(OrganisationRow):
    """Someone who bills, treats or logs time; see ``core.records.Person``."""

    for_auditors = True
    code = models.CharField(max_length=120)
    kind = models.CharField(max_length=30, choices=_choices(PERSON_KINDS))
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    specialty = word()
    name = word()
    credential = word()
    npi = word()
    taxonomy = word()
    employment = word()
    supervision = models.CharField(max_length=20, default="general", choices=_choices(SUPERVISION_LEVELS))
    in_global_period = truth()
    outside_us = truth()
    works_with = WordsField(default=())
    certified_or_trained = truth()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "code"), name="person_code"),)
        ordering = ("name",)

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name or self.code, self.credential) if part)

    @property
    def is_practitioner(self) -> bool:
        return self.kind in PRACTITIONER_KINDS

    def lapsed_on(self, on: date) -> Credential | None:
        """The credential that ended last, where some are entered and none is good on the day; else None."""
        held = list(self.credentials.all())
        if not held or any(one.standing_on(on) in ("good", "soon") for one in held):
            return None
        ended = [one for one in held if one.valid_until is not None and one.valid_until < on]
        return max(ended, key=lambda one: one.valid_until or on, default=None)


class Credential(OrganisationRow):
    """A licence or certificate of a person, with the days it is good for.

    Attributes:
        valid_from: first day it is good; unknown when None.
        valid_until: last day it is good; None for one that does not end.
    """

    for_auditors = True
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="credentials")
    title = models.CharField(max_length=60)
    number = word()
    state = word()
    valid_from = day()
    valid_until = day()

    class Meta:
        ordering = ("person", "title", "pk")

    def __str__(self) -> str:
        return self.title

    def standing_on(self, on: date) -> str:
        """``good``, ``soon`` (it ends within 30 days), ``ended``, or ``not_yet``."""
        if self.valid_from is not None and on < self.valid_from:
            return "not_yet"
        if self.valid_until is None:
            return "good"
        if on > self.valid_until:
            return "ended"
        return "soon" if (self.valid_until - on).days <= ENDS_SOON_DAYS else "good"


def person_link(**kwargs: Any) -> Any:
    """A foreign key to a person of the directory."""
    return models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", **kwargs)
