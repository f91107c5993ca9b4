"""Writes a clinic's own folder of fee facts from CMS files that were read."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from careledger.policy.fee_files import CmsFile

_COLUMNS = (
    "release", "table", "from", "until", "confirmed", "cite", "conversion_factor", "apm_conversion_factor", "note",
)  # fmt: skip
SOURCE = "pfs-files"
"""The source that imported facts cite."""


def write_fee_folder(folder: Path, files: Iterable[CmsFile]) -> list[str]:
    """Add files to a folder; a release that is there already is replaced, so that importing twice changes nothing.

    Returns:
        Ids of the releases written, such as ``rvu2026-07``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    releases = _known_releases(folder)
    written = []
    for file in files:
        _replace(folder / f"{file.table}-{file.release}.csv", _table(file))
        releases[file.release] = _release(file, releases.get(file.release, {}))
        written.append(file.release)
    rows = [[row.get(column, "") for column in _COLUMNS] for _, row in sorted(releases.items())]
    _replace(folder / "releases.csv", [list(_COLUMNS), *rows])
    return written


def _known_releases(folder: Path) -> dict[str, dict[str, str]]:
    file = folder / "releases.csv"
    if not file.exists():
        return {}
    return {row["release"]: row for row in csv.DictReader(file.read_text("utf-8").splitlines())}


def _release(file: CmsFile, before: dict[str, str]) -> dict[str, str]:
    """A row of ``releases.csv``; the two files of a quarter differ in the factor only and share a release."""
    own = "apm_conversion_factor" if file.for_apm else "conversion_factor"
    factors = {name: before.get(name, "") for name in ("conversion_factor", "apm_conversion_factor")}
    if file.factor:
        factors[own] = file.factor
    return {
        "release": file.release,
        "table": file.table,
        "from": file.since.isoformat(),
        "until": date(file.since.year, 12, 31).isoformat(),
        "confirmed": "yes",
        "cite": SOURCE,
        "note": f"imported from {file.file}",
        **factors,
    }


def _table(file: CmsFile) -> list[list[str]]:
    if file.table == "rvus":
        return [["code", file.release], *([code, cell] for code, cell in sorted(file.cells.items()))]
    heading = ["locality", "state", "name", file.release]
    return [heading, *([key, *file.names[key], cell] for key, cell in sorted(file.cells.items()))]


def _replace(file: Path, rows: list[list[str]]) -> None:
    """Write a table so that a reader sees the old one or the new one, never a half."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text.getvalue(), "utf-8")
    os.replace(fresh, file)
