"""Imports and the FHIR server they may come from."""

from __future__ import annotations

from django.db import models

from careledger.web.tenancy.fields import word
from careledger.web.tenancy.scope import OrganisationRow


class Import(OrganisationRow):
    """A file, or a server's export, on its way in.

    Attributes:
        file_name: as it was called where it came from; the file itself lies in the data folder until the import is over.
        sha256: fingerprint of the file, by which the same upload is known again.
        options: how it is read: table, columns, program, practice.
        report: what was read and what would be, or was, written; ids and counts only.
        job: the background work that reads or writes it now.
    """

    KINDS = (
        ("fhir", "FHIR file"),
        ("server", "FHIR server"),
        ("table", "CSV"),
        ("timelog", "Time log"),
        ("folder", "Tables"),
    )
    STATES = (
        ("mapping", "Columns are to be named"),
        ("reading", "Being read"),
        ("ready", "To be looked at"),
        ("writing", "Being written"),
        ("done", "Written"),
        ("failed", "Cannot be used"),
        ("dropped", "Dropped"),
    )

    kind = models.CharField(max_length=10, choices=KINDS)
    state = models.CharField(max_length=10, choices=STATES)
    file_name = models.CharField(max_length=150, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    job = models.ForeignKey("work.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "dropped")


class FhirServer(OrganisationRow):
    """The server of the electronic record. Our private key lies in a file only the service may read, never here.

    Attributes:
        key_mark: a short fingerprint of the key's public half, to tell keys apart.
    """

    address = models.CharField(max_length=300)
    client_id = word()
    kid = word()
    algorithm = models.CharField(max_length=10, default="RS384")
    scope = models.CharField(max_length=200, default="system/*.rs")
    group = word()
    key_mark = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation",), name="one_fhir_server"),)

    def __str__(self) -> str:
        return self.address
