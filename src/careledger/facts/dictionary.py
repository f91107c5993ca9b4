"""The data dictionary ``docs/tables.md``, written from the records: ``python -m careledger.facts.dictionary docs/tables.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from careledger.core.records import TABLES, meaning_of
from careledger.facts.schema import column_of

_KINDS = {
    "str": "text",
    "bool": "true or false",
    "int": "whole number",
    "date": "day, YYYY-MM-DD",
    "tuple[str, ...]": "words parted by one space",
}
_HEAD = """# Tables

`careledger close` reads a folder with one file a table, `NAME.csv` or `NAME.parquet`; a table without a file is empty, only
`patients` must be there. `careledger import` writes these files from FHIR, time logs, any CSV (`import table`) and the claims and
remittances of another system (`import history`); `careledger tables export` writes them anew, `tables check` tells every fault.
The clinic writes them with `export_tables` and reads them with `load_tables`. An empty field means *unknown*, never "no". Columns in bold are
required. This page is generated from `src/careledger/core/records.py`.

CSV is UTF-8 with a header line, fields parted by commas. Yes and no may be written true/false, yes/no, y/n, 1/0. In place of
`start_s`, `end_s` and `seconds`, a CSV `time_entries` may have `start`, `end` (`2026-03-02T10:00`, in the time zone of the
practice of the person who worked, or with an offset) and `minutes` (decimals allowed).

A row that cannot be used is set aside with its reason and exit status 1; the others go on. A file that cannot be used as a
whole (unknown or missing column, cut in the middle, wrong encoding) stops everything with exit status 2.
"""


def pages() -> str:
    """The whole page."""
    return _HEAD + "".join(f"\n{section}" for table in TABLES for section in ["\n".join(_section(table)) + "\n"])


def _section(table: str) -> Iterator[str]:
    record = TABLES[table]
    yield f"## {table}"
    yield ""
    yield (record.__doc__ or "").partition("\n")[0]
    yield ""
    yield "| column | kind | meaning |"
    yield "|---|---|---|"
    for column in fields(record):
        name = column_of(column)
        yield f"| {f'**{name}**' if column.default is MISSING else name} | {_kind(column)} | {_meaning(column)} |"


def _kind(column: Field[Any]) -> str:
    return _KINDS[str(column.type).removesuffix(" | None")]


def _meaning(column: Field[Any]) -> str:
    allowed = column.metadata["one_of"]
    listed = f"; one of {', '.join(allowed)}" if allowed else ""
    default = "" if column.default in (MISSING, None, ()) else f"; {column.default} when empty"
    return meaning_of(column).replace("|", "\\|") + listed + default


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(pages(), encoding="utf-8")
