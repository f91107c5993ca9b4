"""Where an import's file and tables lie while it is on its way: in the data folder, for the service's eyes only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from careledger.web.intake.models import Import
from careledger.web.tenancy.scope import current_organisation


def desk_of(row: Import) -> Path:
    """An import's own folder."""
    return _made(_own() / str(row.pk))


def server_folder() -> Path:
    """Mirror and key of the organisation's FHIR server."""
    return _made(_own() / "server")


def key_file() -> Path:
    """Our private key for the FHIR server."""
    return server_folder() / "key.pem"


def keep_key(pem: bytes) -> None:
    """Put our private key where only the service may read it."""
    aside = key_file().with_name(".key.part")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
    aside.replace(key_file())


def keep_upload(row: Import, file: Any) -> None:
    """Keep an uploaded file under a name of ours; its kind is told by its ending."""
    with (desk_of(row) / f"upload{ending(row.file_name)}").open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)


def upload_of(row: Import) -> Path:
    """The uploaded file."""
    return desk_of(row) / f"upload{ending(row.file_name)}"


def clear(row: Import) -> None:
    """Remove what lay on the desk; the report stays."""
    shutil.rmtree(_own() / str(row.pk), ignore_errors=True)


@contextmanager
def fresh_tables(row: Import) -> Iterator[Path]:
    """An empty folder for the import's tables; it vanishes."""
    folder = desk_of(row) / "tables"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ending(name: str) -> str:
    """``.ndjson.gz`` of ``Patient.ndjson.gz``; only endings we know."""
    low = name.lower()
    known = (".ndjson.gz", ".json.gz", ".ndjson", ".json", ".zip", ".csv", ".txt")
    return next((one for one in known if low.endswith(one)), "")


def fingerprint(file: Any) -> str:
    """SHA-256 of an uploaded file."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _own() -> Path:
    return _made(settings.DATA / "intake" / current_organisation().slug)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
