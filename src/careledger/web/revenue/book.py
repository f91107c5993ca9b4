"""The organisation's claims store, its settings, and its records as the folder of tables that claims are made from."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from careledger.claims.config import ClaimsConfig, read_config
from careledger.claims.store import Store
from careledger.core.month import Month
from careledger.facts.table_text import write_records, write_rows
from careledger.web.billing.queries import records_of
from careledger.web.patients.models import Patient
from careledger.web.revenue.models import Attestation
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import current_organisation


def folder_of(organisation: Organisation | None = None) -> Path:
    """Where an organisation's claims live; only the service may read it."""
    slug = (organisation or current_organisation()).slug
    folder: Path = settings.DATA / "claims" / slug
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def config_file(organisation: Organisation | None = None) -> Path:
    """The settings for claims (``claims.yaml``): submitter, payers, charges."""
    return folder_of(organisation) / "claims.yaml"


def config() -> ClaimsConfig:
    """The organisation's settings for claims; without a file nothing is set up, and every claim is held."""
    file = config_file()
    return read_config(file) if file.is_file() else ClaimsConfig()


@contextmanager
def store() -> Iterator[Store]:
    """The organisation's claims store, open."""
    with Store.open(folder_of() / "claims.db") as opened:
        yield opened


@contextmanager
def tables(month: Month, patients: list[Patient] | None = None) -> Iterator[Path]:
    """The records of a month as a folder of tables, as ``careledger close`` and ``claims build`` read it; it vanishes."""
    base = folder_of() / "work"
    base.mkdir(exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        found = records_of(list(Patient.objects.order_by("pk")) if patients is None else patients, month)
        for table, rows in found.items():
            write_records(folder / f"{table}.csv", table, rows)
        _write_attestations(folder / "attestations.csv", month)
        if config_file().is_file():
            shutil.copy(config_file(), folder / "claims.yaml")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_attestations(file: Path, month: Month) -> None:
    rows = Attestation.objects.filter(month=str(month)).select_related("patient", "practitioner", "signed_by__user")
    cells = (
        (row.practitioner.code, row.month, row.signed_at.date().isoformat(), row.patient.code, str(row.signed_by_id))
        for row in rows.order_by("pk")
    )
    write_rows(file, ("practitioner", "month", "signed_on", "patient", "signed_by"), cells)
