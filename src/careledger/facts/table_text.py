"""Tables of a folder as CSV text: how a cell is written, and the one way their rows are.

Byte for byte what was recorded, no sheet for people (``core.sheets``): a name with a mark before it would be another name.
Lines end in CR LF, as RFC 4180 says: with LF alone ``csv`` leaves a cell that holds a CR unquoted, and it ends the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from careledger.core.records import TABLES
from careledger.facts.schema import columns_of, stored


def cell(value: Any) -> str:
    """A field's value as a table's cell: nothing when unknown, ``true`` and ``false``, words parted by a space."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(stored(value))


def table_text(table: str, rows: Iterable[Mapping[str, str]]) -> str:
    """A table from rows of text by column; a column that a row lacks is empty, one that the table lacks is left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [name for name, _ in columns_of(table)], restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_records(file: Path, table: str, records: Iterable[Any]) -> None:
    """Write a table from records of its class."""
    names = [field.name for field in fields(TABLES[table])]
    rows = ([cell(getattr(record, name)) for name in names] for record in records)
    write_rows(file, [name for name, _ in columns_of(table)], rows)


def write_rows(file: Path, heading: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a file of cells as they are."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heading)
        writer.writerows(rows)


def append_rows(file: Path, rows: Iterable[Sequence[str]]) -> None:
    """Add cells to a file that somebody else wrote; lines end as that one's do, since a reader takes one ending only."""
    content = file.read_bytes()
    ending = "\r\n" if content.partition(b"\n")[0].endswith(b"\r") else "\n"
    with file.open("a", encoding="utf-8", newline="") as out:
        if not content.endswith((b"\n", b"\r")):
            out.write(ending)
        csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
