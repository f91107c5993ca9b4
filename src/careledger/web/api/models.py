"""Tokens by which a program acts for a member of the clinic; only their hash is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from careledger.web.accounts.models import Membership
from careledger.web.tenancy.fields import WordsField


class ApiToken(models.Model):
    """A key for programs: it may do what its scopes say, and never more than its owner's role may.

    Not scoped, since it is what tells the scope of a request.

    Attributes:
        membership: for whom the program acts; what it does stands under this name in the audit log.
        start: the first characters, by which people tell tokens apart.
        hash: SHA-256 of the whole token. It is 256 random bits, so that a plain hash cannot be searched.
        scopes: names of ``api.scopes``.
        patient: the one patient whose chart a token with a ``patient/`` scope opens at the FHIR server.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    scopes = WordsField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"token {self.pk}"

    def state(self, now: datetime) -> str:
        """In force, expired, or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "in force" if now < self.expires_at else "expired"
