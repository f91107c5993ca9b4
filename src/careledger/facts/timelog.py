"""Time logs of other systems, brought into the folder's ``time_entries`` table.

Columns are recognised by their usual names, or told by a mapping. An entry without an id gets one from its content, so
that importing a file twice doubles nothing. Times without an offset are local times of the practice the person works in.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.core.records import PROGRAMS
from careledger.facts.case_time import DAY_S, instant_s
from careledger.facts.table_files import nearest
from careledger.facts.table_text import cell, table_text
from careledger.facts.whole import changing, replace_files

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "entry_id": ("entry_id", "entry id", "id", "log id", "time log id"),
    "patient_id": ("patient_id", "patient id", "patient", "mrn", "chart number", "member"),
    "by": ("by", "staff", "staff id", "user", "user id", "logged by", "care manager", "provider", "clinician"),
    "programs": ("programs", "program", "program name", "service"),
    "start": ("start", "start time", "started at", "time in", "from"),
    "end": ("end", "end time", "ended at", "stop", "stop time", "time out", "to"),
    "on": ("on", "date", "service date", "day", "date of service"),
    "minutes": ("minutes", "duration", "duration minutes", "mins", "time spent", "total minutes"),
    "activity": ("activity", "task", "activity type", "category", "type"),
    "contact": ("contact", "contacted", "who was contacted", "spoke with"),
    "note": ("note", "notes", "comment", "comments", "description"),
    "documented": ("documented", "note documented", "signed"),
    "patient_present": ("patient_present", "patient present", "face to face"),
    "part_of_visit": ("part_of_visit", "part of visit"),
    "recorded": ("recorded", "recorded at", "entered at", "created at", "logged at"),
}
REQUIRED = ("patient_id", "by", "programs")
Reader = Callable[[list[str], Mapping[str, str]], dict[str, Any]]
"""A row and the time zone of each person to an entry; RowFault when it cannot be one."""
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


class RowFault(Exception):
    """Why a row is refused: field, problem, mend."""

    def __init__(self, column: str, problem: str, mend: str) -> None:
        super().__init__(f"{column}: {problem}; {mend}")
        self.parts = (column, problem, mend)


@dataclass(slots=True)
class TimelogReport:
    """What an import did.

    Attributes:
        refused: of each row refused: its line, the field, what is wrong and what is allowed.
        line_of: the line each entry of the file stands on.
    """

    file: str
    read: int = 0
    new: int = 0
    already_there: int = 0
    faults: list[str] = field(default_factory=list)
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)
    line_of: dict[str, int] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """0 when every row was used, 1 when some were refused."""
        return 1 if self.faults else 0

    def lines(self) -> list[str]:
        """The report in lines for people; ids only."""
        counts = f"{self.read:,} rows read, {self.new:,} new, {self.already_there:,} already there"
        refused = f", {len(self.faults):,} refused" if self.faults else ""
        return [f"{self.file}: {counts}{refused}", *self.faults]


def import_timelog(
    file: Path,
    out_dir: Path,
    *,
    columns: Mapping[str, str] | None = None,
    program: str | None = None,
    as_of: date | None = None,
) -> TimelogReport:
    """Add a time log's entries to ``out_dir/time_entries.csv``.

    Args:
        file: a CSV file with a header.
        out_dir: the folder of tables; made when it does not exist.
        columns: our name of a column to the file's, where the usual names do not fit.
        program: the program of every row, for logs without such a column.
        as_of: rows that lie after this day are refused as future entries.

    Raises:
        InputError: the file cannot be used as a time log at all.
    """
    header, rows = read_csv(file)
    places = _places(header, columns or {}, file, program)
    with changing(out_dir):
        return _added(file, out_dir, rows, lambda row, zone_of: _entry(row, places, zone_of, program, as_of))


def _added(file: Path, out_dir: Path, rows: Iterable[tuple[int, list[str]]], read: Reader) -> TimelogReport:
    """The rows beside those that are there, each once; to be called while nobody else changes the folder."""
    zone_of = _zones(out_dir)
    before = _existing(out_dir)
    report = TimelogReport(file.name)
    found = {entry["entry_id"]: entry for entry in before}
    for line, row in rows:
        report.read += 1
        try:
            entry = read(row, zone_of)
            _same_or_new(found.get(entry["entry_id"]), entry, report)
            found.setdefault(entry["entry_id"], entry)
            report.line_of.setdefault(entry["entry_id"], line)
        except RowFault as fault:
            report.refused.append((line, *fault.parts))
            report.faults.append(f"{file.name}:{line}: {fault}")
    if report.new or not before:
        _write(out_dir, found.values())
    return report


def _same_or_new(there: Mapping[str, Any] | None, entry: Mapping[str, Any], report: TimelogReport) -> None:
    if there is None:
        report.new += 1
    elif all(str(there.get(key) or "") == cell(value) for key, value in entry.items()):
        report.already_there += 1
    else:
        raise RowFault("entry_id", "an entry of this id is there with other content", "correct it by a new entry")


def read_csv(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header of a CSV file, and its rows with the line each stands on; InputError when it is none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            rows = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError:
        raise InputError(Place(file.name), "the file is not UTF-8 text", "save it as CSV UTF-8") from None
    except csv.Error:
        raise InputError(
            Place(file.name), "a quotation mark is not closed: the file may be cut in the middle", "complete the file"
        ) from None
    if not header:
        raise InputError(Place(file.name, 1), "the file is empty", "its first line names the columns")
    return header, rows


def _places(header: list[str], told: Mapping[str, str], file: Path, program: str | None) -> dict[str, int]:
    """Our column to its place in the file."""
    plain = [name.strip().lower().replace("_", " ") for name in header]
    places: dict[str, int] = {}
    for ours, theirs in told.items():
        if ours not in SYNONYMS:
            raise InputError(Place(file.name, 1, ours), "no such column of ours", nearest(ours, SYNONYMS))
        if theirs not in header:
            raise InputError(Place(file.name, 1, theirs), "the file has no such column", nearest(theirs, header))
        places[ours] = header.index(theirs)
    for ours, names in SYNONYMS.items():
        usual = [place for place, name in enumerate(plain) if name in {word.replace("_", " ") for word in names}]
        if ours not in places and usual:
            places[ours] = usual[0]
    for ours in REQUIRED:
        if ours not in places and not (ours == "programs" and program):
            mend = f"name it with --map {ours}=COLUMN" + (", or give --program" if ours == "programs" else "")
            raise InputError(Place(file.name, 1, ours), "no column for it was found", mend)
    if not ({"start", "end"} <= places.keys() or "minutes" in places):
        raise InputError(
            Place(file.name, 1, "start"), "no column for start and end, or for minutes, was found", "use --map"
        )
    return places


def _entry(
    row: list[str], places: Mapping[str, int], zone_of: Mapping[str, str], program: str | None, as_of: date | None
) -> dict[str, Any]:
    cell = {name: row[place].strip() for name, place in places.items() if place < len(row) and row[place].strip()}
    for name in ("patient_id", "by"):
        if name not in cell:
            raise RowFault(name, "the field is empty", "fill it")
    zone = zone_of.get(cell["by"], "America/New_York")
    entry: dict[str, Any] = {
        "patient_id": cell["patient_id"],
        "by": cell["by"],
        "programs": _programs(cell.get("programs") or program or ""),
        **_when(cell, zone),
        **{name: cell.get(name) for name in ("activity", "contact", "note")},
        **{name: _flag(cell.get(name), name) for name in ("documented", "patient_present", "part_of_visit")},
        "recorded_s": _instant(cell["recorded"], "recorded", zone) if "recorded" in cell else None,
    }
    _not_future(entry, as_of, zone)
    return {"entry_id": cell.get("entry_id") or _content_id(entry), **entry}


def _programs(text: str) -> tuple[str, ...]:
    words = tuple(word for word in text.lower().replace(",", " ").replace(";", " ").split() if word)
    if not words or any(word not in PROGRAMS for word in words):
        raise RowFault("programs", "no such program", f"write one of {', '.join(PROGRAMS)}")
    return words


def _when(cell: Mapping[str, str], zone: str) -> dict[str, Any]:
    seconds = _seconds(cell["minutes"]) if "minutes" in cell else None
    if "start" in cell:
        start_s = _instant(cell["start"], "start", zone)
        end_s = _instant(cell["end"], "end", zone) if "end" in cell else None
        if end_s is None and seconds is not None:
            end_s = start_s + seconds
        if end_s is None:
            raise RowFault("end", "the field is empty", "fill end, or minutes")
        if end_s <= start_s:
            raise RowFault("end", "the entry ends before or when it starts", "correct start or end")
        if end_s - start_s > DAY_S:
            raise RowFault("end", "the entry is longer than 24 hours", "split or correct it")
        return {"start_s": start_s, "end_s": end_s, "on": None, "seconds": None}
    if seconds is None or "on" not in cell:
        raise RowFault("start", "neither start and end nor a day and minutes are given", "fill start and end")
    try:
        return {"start_s": None, "end_s": None, "on": date.fromisoformat(cell["on"]), "seconds": seconds}
    except ValueError:
        raise RowFault("on", "this is no day", "write the day as YYYY-MM-DD") from None


def _seconds(text: str) -> int:
    from decimal import Decimal, InvalidOperation

    try:
        seconds = int(Decimal(text) * 60)
    except (InvalidOperation, ValueError, OverflowError):
        raise RowFault("minutes", "this is no number of minutes", "write minutes such as 12 or 12.5") from None
    if not 0 < seconds <= DAY_S:
        raise RowFault("minutes", "minutes are not between 0 and 1440", "correct the length of the entry")
    return seconds


def _instant(text: str, name: str, zone: str) -> int:
    try:
        return instant_s(text, zone)
    except ValueError:
        raise RowFault(
            name, "this is no day and time", "write it as 2026-03-02T10:00, local or with an offset"
        ) from None


def _flag(text: str | None, name: str) -> bool | None:
    if text is None:
        return None
    if text.lower() not in (*_TRUE, *_FALSE):
        raise RowFault(name, "this is no yes or no", "write true or false")
    return text.lower() in _TRUE


def _not_future(entry: Mapping[str, Any], as_of: date | None, zone: str) -> None:
    if as_of is None:
        return
    end_of_day = instant_s(f"{as_of}T00:00", zone) + DAY_S
    later = entry["start_s"] >= end_of_day if entry["start_s"] is not None else entry["on"] > as_of
    if later:
        raise RowFault("start", "the entry lies in the future", "log work after it was done")


def _content_id(entry: Mapping[str, Any]) -> str:
    told = "\x1f".join(f"{key}={cell(value)}" for key, value in entry.items())
    return "log-" + hashlib.sha256(told.encode()).hexdigest()[:16]


def _zones(folder: Path) -> dict[str, str]:
    """Person to time zone, from the folder's people and practices."""
    zones = {row["practice_id"]: row.get("time_zone") or "America/New_York" for row in _rows(folder, "practices")}
    return {
        row["person_id"]: zones.get(row.get("practice_id") or "", "America/New_York") for row in _rows(folder, "people")
    }


def _existing(folder: Path) -> list[dict[str, Any]]:
    return _rows(folder, "time_entries")


def _rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """A table's rows as text, from CSV or Parquet; none when there is no file."""
    file = folder / f"{table}.csv"
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as text:
            return [dict(row) for row in csv.DictReader(text)]
    if (folder / f"{table}.parquet").exists():
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(folder / f"{table}.parquet").to_pylist()
        return [{key: None if value is None else cell(value) for key, value in row.items()} for row in rows]
    return []


def _write(folder: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write the table whole; a Parquet table of the name gives way to it."""
    rows = ({column: cell(value) for column, value in entry.items()} for entry in entries)
    replace_files(folder, {"time_entries.csv": table_text("time_entries", rows)}, without=("time_entries.parquet",))
