"""The entries that hold, as the ``time_entries`` table that ``close`` reads."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from careledger.core.ledger import LedgerEntry
from careledger.core.records import TimeEntry

_COLUMNS = tuple(field.name for field in fields(TimeEntry))


def time_entries(entries: Iterable[LedgerEntry]) -> list[TimeEntry]:
    """The work of entries, each with the time it was recorded, so that late ones show."""
    return [replace(entry.work, recorded_s=entry.work_recorded_s()) for entry in entries if entry.work is not None]


def write_time_entries(entries: Iterable[LedgerEntry], path: Path) -> int:
    """Write the table, whole or not at all; Parquet or CSV by the file's ending.

    Returns:
        The number of rows written.
    """
    work = time_entries(entries)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    if path.suffix == ".parquet":
        _parquet(work, aside)
    else:
        _csv(work, aside)
    aside.replace(path)
    return len(work)


def _csv(work: Sequence[TimeEntry], path: Path) -> None:
    """Lines end in CR LF, so that ``csv`` quotes a note that holds a CR."""
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows([_text(getattr(row, name)) for name in _COLUMNS] for row in work)
        text.flush()
        os.fsync(text.fileno())


def _parquet(work: Sequence[TimeEntry], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "str": pa.string(),
        "int": pa.int64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "tuple[str, ...]": pa.string(),
    }
    schema = pa.schema([(field.name, kinds[str(field.type).removesuffix(" | None")]) for field in fields(TimeEntry)])
    columns = {name: [_joined(getattr(row, name)) for row in work] for name in _COLUMNS}
    pq.write_table(pa.table(columns, schema=schema), path)


def _joined(value: Any) -> Any:
    return " ".join(value) if isinstance(value, tuple) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_joined(value))
