"""One table of any CSV into a folder of tables, each row once; and a folder of tables out again, read strictly."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.core.records import TABLES
from careledger.facts.mapped import ROSTER, columns_needed, columns_wanted, guess, map_csv
from careledger.facts.schema import columns_of
from careledger.facts.table_checks import KEYS
from careledger.facts.table_files import find, nearest
from careledger.facts.table_text import cell, table_text
from careledger.facts.tables import FolderReport, open_folder
from careledger.facts.timelog import read_csv
from careledger.facts.whole import changing, replace_files

Row = dict[str, str]


@dataclass(slots=True)
class TableReport:
    """What an import of a table did, by table; and what the folder's reader says of it now."""

    file: str
    rows: int = 0
    new: dict[str, int] = field(default_factory=dict)
    already_there: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    folder: FolderReport | None = None

    @property
    def exit_status(self) -> int:
        """0 when every row was kept and the folder's reader uses it, 1 otherwise."""
        return 1 if self.faults or (self.folder is not None and self.folder.exit_status) else 0

    def lines(self) -> list[str]:
        """For people; ids only."""
        told = [f"{self.file}: {self.rows:,} rows read"]
        told += [f"{table}: {self.new[table]:,} new, {self.already_there[table]:,} there already" for table in self.new]
        return [*told, *self.faults, *(self.folder.lines() if self.folder is not None else [])]


def import_table(
    file: Path, out: Path, table: str, *, columns: Mapping[str, str] | None = None, us_days: bool = False
) -> TableReport:
    """Add a CSV file's rows to a table of the folder, or a roster's to several. Importing it again doubles nothing.

    Args:
        table: a table of docs/tables.md, or ``roster``.
        columns: our name of a column to the file's, where it is not the usual one.

    Raises:
        InputError: no such table, or the file cannot be used as one.
    """
    if table not in TABLES and table != ROSTER:
        raise InputError(Place(file.name), f"there is no table {table}", nearest(table, [*TABLES, ROSTER]))
    header, _ = read_csv(file)
    chosen = {**guess(header, list(columns_wanted(table))), **(columns or {})}
    if missing := [name for name in columns_needed(table) if name not in chosen]:
        raise InputError(
            Place(file.name, 1, missing[0]), "no column for it was found", f"use --map {missing[0]}=COLUMN"
        )
    report = TableReport(file.name)
    with changing(out), tempfile.TemporaryDirectory() as aside:
        report.rows = map_csv(file, Path(aside), table, chosen, us_days=us_days).rows
        texts = {one.name: _merged(out, one, report) for one in sorted(Path(aside).glob("*.csv"))}
        replace_files(out, texts, without=[name.replace(".csv", ".parquet") for name in texts])
    report.folder = _read_again(out)
    return report


def _merged(out: Path, fresh: Path, report: TableReport) -> str:
    """The table with the rows that it did not have; another row under the same key is refused, not overwritten."""
    table = fresh.stem
    rows, keys = _rows(out, table), KEYS.get(table, ())
    there = {tuple(row.values()) for row in rows}
    known = {tuple(row[name] for name in keys) for row in rows} if keys else set()
    report.new[table] = report.already_there[table] = 0
    for number, row in enumerate(_rows(fresh.parent, table), start=2):
        key = tuple(row[name] for name in keys)
        if tuple(row.values()) in there:
            report.already_there[table] += 1
        elif keys and key in known:
            mend = "correct one of the two; a row that is there is not overwritten"
            report.faults.append(f"{report.file}: row {number} for {table}: another row of this id is there; {mend}")
        else:
            rows.append(row)
            there.add(tuple(row.values()))
            known.add(key)
            report.new[table] += 1
    return table_text(table, rows)


def _rows(folder: Path, table: str) -> list[Row]:
    """A table's rows as text, with every column."""
    names = [name for name, _ in columns_of(table)]
    file = find(folder, table)
    if file is None:
        return []
    if file.suffix == ".parquet":
        import pyarrow.parquet

        found: list[Mapping[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
        return [{name: cell(row.get(name)) for name in names} for row in found]
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [{name: (row.get(name) or "").strip() for name in names} for row in csv.DictReader(text)]


def _read_again(folder: Path) -> FolderReport | None:
    """What the folder's reader says now; None while there are no patients yet."""
    from careledger.facts.working import working_database

    if find(folder, "patients") is None:
        return None
    with working_database() as con:
        return open_folder(con, folder)


def export_tables(data: Path, out: Path, ending: str = "csv") -> FolderReport:
    """Write every table of a folder anew, with all columns and in one spelling, into an empty folder.

    Args:
        ending: csv or parquet.

    Raises:
        InputError: the folder, or a file of it as a whole, cannot be used; or ``out`` holds something.
    """
    from careledger.facts.working import working_database

    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise InputError(Place(str(out)), "the folder is not empty", "name a new one; nothing is overwritten")
    how = "FORMAT csv, HEADER true" if ending == "csv" else "FORMAT parquet, COMPRESSION zstd"
    with working_database() as con:
        report = open_folder(con, data)
        for table in report.kept:
            target = str(out / f"{table}.{ending}").replace("'", "''")
            con.execute(f"COPY (SELECT * FROM {table}) TO '{target}' ({how})")
    return report
