"""Medicare's fee facts: relative values and geographic indices, by release.

The facts lie in ``data/fees`` as small tables: ``releases.csv`` says from when to when a release holds, who published
it and whether it is exact; ``rvus*.csv`` and ``gpci*.csv`` have one row a code or locality and one column a release. A
clinic may lay its own folder of the same shape over ours (``careledger fees import`` writes it from CMS's files); where
both have a release for a day, the clinic's is used. Files are read when an amount is first asked for, not before.

The numbers the law sets for everyone (conversion factors, percentages, deductible) are policy: ``fees.medicare``.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from careledger.core.errors import Place, PolicyError

Table = Literal["rvus", "gpci"]

OVERLAY_VARIABLE = "CARELEDGER_FEES"
"""Environment variable naming a folder of imported fee files to lay over the built-in ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One published table of fees.

    Attributes:
        since: first day it holds.
        until: last day it holds; no amount is carried beyond it.
        confirmed: False when the numbers are known only approximately.
        conversion_factor: the factor the file itself carries; None when policy has it.
        apm_conversion_factor: the same for qualifying participants of an advanced payment model.
    """

    id: str
    table: Table
    since: date
    until: date
    confirmed: bool = True
    cite: tuple[str, ...] = ()
    conversion_factor: Decimal | None = None
    apm_conversion_factor: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rvu:
    """Relative value units of a code in a release.

    Attributes:
        status: CMS's letter, such as A (paid), B (bundled), I (not valid for Medicare), X (excluded), C (by
            contractor).
        facility_is_na: CMS marks the facility column as not applicable; one amount applies everywhere, if any.
    """

    code: str
    status: str
    work: Decimal
    practice: Decimal
    facility_practice: Decimal
    malpractice: Decimal
    facility_is_na: bool
    release: Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpci:
    """Geographic practice cost indices of a Medicare locality in a release."""

    locality: str
    work: Decimal
    practice: Decimal
    malpractice: Decimal
    release: Release


@dataclass(slots=True)
class FeeBook:
    """All fee facts of one folder, with the folder below it."""

    folder: Traversable
    below: FeeBook | None = None
    releases: list[Release] = field(default_factory=list)
    _cells: dict[Table, dict[tuple[str, str], str]] = field(default_factory=dict)

    def rvu(self, code: str, on: date) -> Rvu | None:
        """Relative values of a code on a day; None when no release of that day has the code."""
        found = self._find("rvus", code, on)
        return None if found is None else _rvu(code, *found)

    def gpci(self, locality: str, on: date) -> Gpci | None:
        """Indices of a locality (``01112-05``: contractor, locality) on a day; None when unknown."""
        found = self._find("gpci", locality, on)
        return None if found is None else _gpci(locality, *found)

    def release_on(self, table: Table, on: date) -> Release | None:
        """The release of a table that holds on a day: the latest of the topmost folder that has one."""
        holding = [
            release for release in self.releases if release.table == table and release.since <= on <= release.until
        ]
        if holding:
            return max(holding, key=lambda release: release.since)
        return self.below.release_on(table, on) if self.below else None

    def localities(self) -> Mapping[str, str]:
        """Every known locality and its name."""
        known = dict(self.below.localities()) if self.below else {}
        for row in self._rows("gpci"):
            known[row["locality"]] = f"{row['name']}, {row['state']}"
        return known

    def _find(self, table: Table, key: str, on: date) -> tuple[str, Release] | None:
        release = self.release_on(table, on)
        if release is None:
            return None
        if release not in self.releases:
            return self.below._find(table, key, on) if self.below else None
        cell = self._table(table).get((key, release.id))
        return (cell, release) if cell else None

    def _table(self, table: Table) -> dict[tuple[str, str], str]:
        if table not in self._cells:
            cells: dict[tuple[str, str], str] = {}
            for row in self._rows(table):
                key = row["code" if table == "rvus" else "locality"]
                cells.update({(key, name): cell for name, cell in row.items() if cell})
            self._cells[table] = cells
        return self._cells[table]

    def _rows(self, table: Table) -> Iterator[dict[str, str]]:
        for file in sorted(self.folder.iterdir(), key=lambda file: file.name):
            if file.name.startswith(table) and file.name.endswith(".csv"):
                yield from csv.DictReader(file.read_text("utf-8").splitlines())


def load_fees(folder: Path | None = None) -> FeeBook:
    """The built-in fee facts, with a clinic's own folder laid over them.

    Args:
        folder: a folder written by ``careledger fees import``; by default the one named by ``CARELEDGER_FEES``, if any.

    Raises:
        PolicyError: a file of the folder cannot be read.
    """
    if folder is None and (named := os.environ.get(OVERLAY_VARIABLE)):
        folder = Path(named)
    return _load(folder)


@cache
def _load(folder: Path | None) -> FeeBook:
    if folder is None:
        return _open(resources.files("careledger.policy") / "data" / "fees", None)
    if not (folder / "releases.csv").is_file():
        problem = "no fee files are here"
        raise PolicyError(Place(str(folder)), problem, "write them with `careledger fees import FILE... --out FOLDER`")
    return _open(folder, _load(None))


def _open(folder: Traversable, below: FeeBook | None) -> FeeBook:
    file = folder / "releases.csv"
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    releases = [_release(row, Place(str(file), line)) for line, row in enumerate(rows, start=2)]
    return FeeBook(folder=folder, below=below, releases=releases)


def _release(row: dict[str, str], place: Place) -> Release:
    try:
        return Release(
            id=row["release"],
            table="gpci" if row["table"] == "gpci" else "rvus",
            since=date.fromisoformat(row["from"]),
            until=date.fromisoformat(row["until"]),
            confirmed=row["confirmed"] == "yes",
            cite=tuple(row["cite"].split()),
            conversion_factor=_factor(row["conversion_factor"]),
            apm_conversion_factor=_factor(row["apm_conversion_factor"]),
            note=row["note"] or None,
        )
    except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise PolicyError(place, "the release cannot be read", "import the fee file again") from error


def _factor(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _rvu(code: str, cell: str, release: Release) -> Rvu:
    """A cell is ``STATUS work practice facility-practice malpractice``, or the status alone without values."""
    status, *values = cell.split()
    work, practice, facility, malpractice = values or ["0", "0", "0", "0"]
    is_na = facility == "na"
    return Rvu(
        code=code,
        status=status,
        work=Decimal(work),
        practice=Decimal(practice),
        facility_practice=Decimal(practice if is_na else facility),
        malpractice=Decimal(malpractice),
        facility_is_na=is_na,
        release=release,
    )


def _gpci(locality: str, cell: str, release: Release) -> Gpci:
    work, practice, malpractice = (Decimal(value) for value in cell.split())
    return Gpci(locality=locality, work=work, practice=practice, malpractice=malpractice, release=release)
