"""Programs that sign in by their keys, the short tokens they get, what they exported, and other systems' ids of patients."""

from __future__ import annotations

from django.db import models

from careledger.web.accounts.models import Membership
from careledger.web.patients.models.patient import patient_link
from careledger.web.tenancy.fields import WordsField
from careledger.web.tenancy.scope import OrganisationRow

MADE_UP = "fhir-"
"""How the code begins that we give a patient who came in as FHIR; it is nobody's number for the patient."""


class BackendClient(models.Model):
    """A program that signs in with its private key (SMART Backend Services) and acts for the member who registered it.

    Not scoped, since it is what tells the scope of a request.

    Attributes:
        jwks: the client's public keys; empty where they are fetched from ``jwks_url``.
        scopes: the most it may ask for.
    """

    client_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="backend_clients")
    jwks = models.JSONField(default=dict, blank=True)
    jwks_url = models.URLField(max_length=300, blank=True)
    scopes = WordsField()
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.client_id


class AccessToken(models.Model):
    """A token of a few minutes; only its SHA-256 is kept."""

    patient_id = None
    client = models.ForeignKey(BackendClient, on_delete=models.CASCADE, related_name="tokens")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    scopes = WordsField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"access token {self.pk}"


class SeenAssertion(models.Model):
    """A sign-in that was used: none is good a second time."""

    client = models.ForeignKey(BackendClient, on_delete=models.CASCADE, related_name="+")
    jti = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "jti"), name="assertion_once"),)

    def __str__(self) -> str:
        return f"assertion {self.pk}"


class Export(OrganisationRow):
    """A bulk export that was asked for.

    Attributes:
        types: names of the resource types wanted; empty is all.
        group: id of the Group whose patients are wanted; empty is everyone.
        base: address of the server as the client reaches it.
        request_url: as it was asked, for the manifest.
        taken_at: the moment the data are of; None while it has not begun.
        files: type, name and count of each file; None until all are written.
        released_at: when the client said it needs it no more, or it grew old; its files are gone.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey("work.Job", on_delete=models.PROTECT, null=True, related_name="+")
    types = WordsField(default=())
    group = models.CharField(max_length=64, blank=True)
    base = models.CharField(max_length=300)
    since = models.DateTimeField(null=True)
    request_url = models.CharField(max_length=2000)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    files = models.JSONField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"export {self.pk}"


class PatientIdentifier(OrganisationRow):
    """What another system calls a patient."""

    patient = patient_link("identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "system", "value"), name="identifier_once"),)
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"identifier {self.pk}"
