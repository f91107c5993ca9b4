"""The records behind claims, read from a practice's folder of tables for the patients that are billed.

Tables are CSV or Parquet with the columns of ``core/records.py``. Rows of other patients are passed over, so memory grows
with what is billed and not with the folder.
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from careledger.core.errors import InputError, Place
from careledger.core.records import (
    AgencyEpisode,
    Condition,
    Consent,
    Coverage,
    Enrolment,
    Panel,
    Patient,
    Person,
    Practice,
    Stay,
    TimeEntry,
    Visit,
)
from careledger.facts.whole import settle

Record = TypeVar("Record")
_TRUE = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecords:
    """Everything a claim is made from beside the decision, by id."""

    practices: Mapping[str, Practice] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    patients: Mapping[str, Patient] = field(default_factory=dict)
    coverage: Mapping[str, tuple[Coverage, ...]] = field(default_factory=dict)
    panel: Mapping[str, tuple[Panel, ...]] = field(default_factory=dict)
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    consents: Mapping[str, tuple[Consent, ...]] = field(default_factory=dict)
    enrolments: Mapping[str, tuple[Enrolment, ...]] = field(default_factory=dict)
    stays: Mapping[str, tuple[Stay, ...]] = field(default_factory=dict)
    agencies: Mapping[str, tuple[AgencyEpisode, ...]] = field(default_factory=dict)
    own_time: Mapping[str, tuple[TimeEntry, ...]] = field(default_factory=dict)
    visits: Mapping[str, tuple[Visit, ...]] = field(default_factory=dict)


def read_records(
    folder: Path, patients: Set[str], oversight: Set[str] = frozenset(), *, visits: bool = False
) -> ClaimRecords:
    """The records of a folder that concern some patients.

    Args:
        folder: the practice's tables.
        patients: ids of the patients that are billed.
        oversight: ids of those for whom care plan oversight is billed, whose logged days the claim carries.
        visits: read visits too, which no claim carries but a denial may turn on.

    Raises:
        InputError: a row cannot be read; the message names file, row and column.
    """
    return ClaimRecords(
        practices={row.practice_id: row for row in rows(folder, "practices", Practice)},
        people={row.person_id: row for row in rows(folder, "people", Person)},
        patients={row.patient_id: row for row in rows(folder, "patients", Patient, patients)},
        coverage=_grouped(rows(folder, "coverage", Coverage, patients)),
        panel=_grouped(rows(folder, "panel", Panel, patients)),
        conditions=_grouped(rows(folder, "conditions", Condition, patients)),
        consents=_grouped(rows(folder, "consents", Consent, patients)),
        enrolments=_grouped(rows(folder, "enrolments", Enrolment, patients)),
        stays=_grouped(rows(folder, "stays", Stay, patients)),
        agencies=_grouped(rows(folder, "agency_episodes", AgencyEpisode, patients)),
        own_time=_grouped(rows(folder, "time_entries", TimeEntry, oversight)) if oversight else {},
        visits=_grouped(rows(folder, "visits", Visit, patients)) if visits else {},
    )


def _grouped(found: Iterator[Any]) -> dict[str, tuple[Any, ...]]:
    groups: dict[str, list[Any]] = {}
    for row in found:
        groups.setdefault(row.patient_id, []).append(row)
    return {patient: tuple(group) for patient, group in groups.items()}


def rows(folder: Path, table: str, kind: type[Record], patients: Set[str] | None = None) -> Iterator[Record]:
    """The rows of a table, of some patients or of all; nothing when the folder has no such table."""
    settle(folder)
    for path in (folder / f"{table}.parquet", folder / f"{table}.csv"):
        if path.is_file():
            raw = _parquet(path, patients) if path.suffix == ".parquet" else _csv(path)
            return _made(path, raw, kind, patients)
    return iter(())


def _made(
    path: Path, raw: Iterator[tuple[int, dict[str, Any]]], kind: type[Record], patients: Set[str] | None
) -> Iterator[Record]:
    columns = _columns(kind)  # type: ignore[arg-type]
    for number, row in raw:
        if patients is not None and row.get("patient_id") not in patients:
            continue
        values = {
            name: _value(row[column], type_, path, number, column)
            for column, (name, type_) in columns.items()
            if row.get(column) not in (None, "")
        }
        try:
            yield kind(**values)
        except TypeError:
            raise InputError(Place(str(path), number), "a required column is empty", "fill it in") from None


@lru_cache(maxsize=64)
def _columns(kind: type) -> dict[str, tuple[str, str]]:
    """Column name to the field it fills and the field's type."""
    return {item.name.rstrip("_"): (item.name, str(item.type)) for item in dataclasses.fields(kind)}


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from enumerate(csv.DictReader(stream), start=2)


def _parquet(path: Path, patients: Set[str] | None) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    number = 0
    for batch in pq.ParquetFile(path).iter_batches():
        if patients is not None and "patient_id" in batch.schema.names:
            batch = batch.filter(pc.is_in(batch["patient_id"], value_set=_ids(patients)))
        for row in batch.to_pylist():
            number += 1
            yield number, row


def _ids(patients: Set[str]) -> Any:
    import pyarrow as pa

    return pa.array(sorted(patients), pa.string())


def _value(raw: Any, type_: str, path: Path, number: int, column: str) -> Any:
    if not isinstance(raw, str):
        return raw.date() if isinstance(raw, datetime) else raw
    try:
        return _parsed(raw.strip(), type_)
    except (ValueError, KeyError):
        raise InputError(
            Place(str(path), number, column), "the value does not fit the column", f"write {_wanted(type_)}"
        ) from None


def _parsed(text: str, type_: str) -> Any:
    if type_.startswith("tuple"):
        return tuple(text.split())
    if type_.startswith("bool"):
        return _TRUE[text.lower()]
    if type_.startswith("int"):
        return int(text)
    if type_.startswith("date"):
        return date.fromisoformat(text)
    return text


def _wanted(type_: str) -> str:
    for start, words in (("bool", "true or false"), ("int", "a whole number"), ("date", "a day as YYYY-MM-DD")):
        if type_.startswith(start):
            return words
    return "text"
