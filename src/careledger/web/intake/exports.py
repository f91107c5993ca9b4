"""Everything of the organisation in one archive, as ``export_all`` writes it, for whoever leaves or looks elsewhere."""

from __future__ import annotations

import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from careledger.web.keeping.tables import dump
from careledger.web.tenancy.scope import current_organisation

KEPT_S = 24 * 3600
"""Seconds an archive is kept; it holds health information in the open."""
_NAME = re.compile(r"[0-9a-f]{32}")


def new_name() -> str:
    """A name nobody guesses."""
    return secrets.token_hex(16)


def make(name: str, progress: Callable[[str], None]) -> int:
    """Write the archive; returns how many rows it holds. Older ones are removed."""
    file = archive_of(name)
    folder, aside = file.with_suffix(".part"), file.with_suffix(".zip.part")
    sweep()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        manifest = dump(folder, organisation=current_organisation().pk, progress=progress)
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for one in sorted(folder.iterdir()):
                archive.write(one, one.name)
        aside.chmod(0o600)
        aside.replace(file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        aside.unlink(missing_ok=True)
    return int(sum(one["rows"] for one in manifest["files"].values()))


def archive_of(name: str) -> Path:
    """Where an archive lies; ValueError for a name that is none of ours."""
    if not _NAME.fullmatch(name):
        raise ValueError("no such archive")
    return _folder() / f"{name}.zip"


def sweep() -> None:
    """Remove archives that were kept long enough."""
    for file in _folder().glob("*.zip"):
        if time.time() - file.stat().st_mtime > KEPT_S:
            file.unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = settings.DATA / "exports" / current_organisation().slug
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
