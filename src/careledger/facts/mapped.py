"""A CSV file with columns of its own, mapped onto our tables; the folder's reader then judges every row of it.

A file may hold one of our tables, or a roster: one row a patient, with coverage, practitioner, diagnoses and consent beside.
Nothing is judged here. Rows keep their line, so that a fault is told where it stands in the file that was handed over.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from careledger.core.errors import InputError, Place
from careledger.core.records import TABLES
from careledger.facts.schema import column_of, columns_of, required_columns
from careledger.facts.table_text import table_text
from careledger.facts.timelog import SYNONYMS, read_csv

ROSTER = "roster"
ROSTER_COLUMNS: Mapping[str, tuple[str, str]] = {
    "patient_id": ("patients", "patient_id"),
    "family_name": ("patients", "family_name"),
    "given_name": ("patients", "given_name"),
    "born_on": ("patients", "born_on"),
    "sex": ("patients", "sex"),
    "address": ("patients", "address"),
    "city": ("patients", "city"),
    "state": ("patients", "state"),
    "zip": ("patients", "zip"),
    "phone": ("patients", "phone"),
    "language": ("patients", "language"),
    "residence": ("patients", "residence"),
    "payer": ("coverage", "payer"),
    "member_id": ("coverage", "member_id"),
    "covered_since": ("coverage", "since"),
    "part_b": ("coverage", "part_b"),
    "qmb": ("coverage", "qmb"),
    "practitioner": ("panel", "biller_id"),
    "established": ("panel", "established"),
    "last_seen_on": ("panel", "last_seen_on"),
    "conditions": ("conditions", "icd10"),
}
"""A roster's column to the table and column it fills. ``conditions`` may hold several codes."""
_NEEDED = {"coverage": "payer", "panel": "biller_id", "conditions": "icd10"}
"""Without this cell a roster's row has nothing for the table."""
_USUAL: Mapping[str, tuple[str, ...]] = {
    "patient_id": ("mrn", "chart number", "patient", "id", "patient number", "account number"),
    "family_name": ("last name", "surname", "last"),
    "given_name": ("first name", "first", "forename"),
    "born_on": ("dob", "birth date", "date of birth", "birthdate"),
    "sex": ("gender", "administrative sex"),
    "address": ("street", "address line 1", "street address"),
    "zip": ("zip code", "postal code"),
    "phone": ("telephone", "phone number", "mobile"),
    "payer": ("insurance", "primary insurance", "primary payer"),
    "member_id": ("mbi", "medicare number", "medicare id", "subscriber id", "policy number", "insurance id"),
    "covered_since": ("coverage start", "effective date"),
    "practitioner": ("pcp", "provider", "primary care provider", "rendering provider", "physician", "provider npi"),
    "biller_id": ("pcp", "provider", "practitioner"),
    "conditions": ("diagnoses", "icd10", "icd 10", "icd-10 codes", "dx", "diagnosis codes", "problem list"),
    "icd10": ("diagnosis", "icd 10", "dx", "code", "icd-10 code"),
    "person_id": ("staff id", "user id", "id"),
    "kind": ("profession", "type", "role"),
    "on": ("date", "date of service", "visit date"),
    "given_on": ("consent date", "date of consent"),
    "since": ("start", "start date", "admitted", "admission date", "onset"),
    "until": ("end", "end date", "discharged", "discharge date"),
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "sex": {"f": "female", "m": "male", "u": "unknown"},
    "payer": {
        "medicare": "medicare_ffs", "medicare part b": "medicare_ffs", "original medicare": "medicare_ffs",
        "medicare ffs": "medicare_ffs", "medicare advantage": "medicare_advantage", "medicaid": "medicaid",
        "commercial": "commercial",
    },
}  # fmt: skip
_US_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


@dataclass(slots=True)
class Mapped:
    """What a file became: for each table, the line of the file that each row of the table came from."""

    rows: int = 0
    lines: dict[str, list[int]] = field(default_factory=dict)

    def line_of(self, table: str, row: int | None) -> int | None:
        """The file's line behind a row of a table (the header is row 1); None for a row that is not the file's."""
        lines = self.lines.get(table, [])
        return lines[row - 2] if row is not None and 0 <= row - 2 < len(lines) else None


def columns_wanted(table: str) -> dict[str, str]:
    """Our columns of a table, or of a roster, each with its meaning; required ones first."""
    if table == ROSTER:
        return {ours: _meaning(*place) for ours, place in ROSTER_COLUMNS.items()}
    needed = required_columns(table)
    names = [name for name, _ in columns_of(table)]
    return {name: _meaning(table, name) for name in sorted(names, key=lambda one: one not in needed)}


def columns_needed(table: str) -> tuple[str, ...]:
    """Our columns that a file must have."""
    return ("patient_id",) if table == ROSTER else required_columns(table)


def guess(header: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Which column of a file is probably which of ours: by its usual names, then by likeness. A person confirms it."""
    plain = {_plain(name): name for name in reversed(header)}
    found: dict[str, str] = {}
    for ours in wanted:
        usual = (_plain(ours), *(_plain(name) for name in (*_USUAL.get(ours, ()), *SYNONYMS.get(ours, ()))))
        theirs = next((plain[name] for name in usual if name in plain), None)
        if theirs is None and (near := difflib.get_close_matches(_plain(ours), list(plain), 1, 0.88)):
            theirs = plain[near[0]]
        if theirs is not None and theirs not in found.values():
            found[ours] = theirs
    return found


def map_csv(
    file: Path,
    folder: Path,
    table: str,
    columns: Mapping[str, str],
    *,
    us_days: bool = False,
    constants: Mapping[str, str] | None = None,
    known: Mapping[str, Mapping[str, str]] | None = None,
) -> Mapped:
    """Write a file's rows as tables of ours into a folder.

    Args:
        table: one of our tables, or ``roster``.
        columns: our column to the file's.
        us_days: days are written month/day/year.
        constants: our column to a value for every row, where the file has no column for it.
        known: our column to (other name, in small letters, to our id), such as a practitioner's name or NPI.

    Raises:
        InputError: the file is no CSV, or lacks a column that is named or needed.
    """
    header, rows = read_csv(file)
    places = _places(file, header, table, columns, constants or {})
    out: dict[str, list[dict[str, str]]] = {}
    mapped = Mapped(rows=len(rows))
    for line, row in rows:
        cells = {ours: row[place].strip() for ours, place in places.items() if place < len(row)}
        cells = {**(constants or {}), **{ours: text for ours, text in cells.items() if text}}
        cells = {ours: _value(ours, text, table, us_days, known or {}) for ours, text in cells.items()}
        for name, ready in _split(table, cells):
            out.setdefault(name, []).append(ready)
            mapped.lines.setdefault(name, []).append(line)
    for name in out or {("patients" if table == ROSTER else table): []}:
        (folder / f"{name}.csv").write_text(table_text(name, out.get(name, [])), "utf-8", newline="")
    return mapped


def _places(
    file: Path, header: list[str], table: str, columns: Mapping[str, str], constants: Mapping[str, str]
) -> dict[str, int]:
    places: dict[str, int] = {}
    for ours, theirs in columns.items():
        if ours not in columns_wanted(table):
            raise InputError(Place(file.name, 1, ours), "no such column of ours", "choose one of the list")
        if theirs not in header:
            raise InputError(Place(file.name, 1, theirs), "the file has no such column", "choose one of its header")
        places[ours] = header.index(theirs)
    for ours in columns_needed(table):
        if ours not in places and ours not in constants:
            raise InputError(Place(file.name, 1, ours), "no column is named for it", "choose the column that holds it")
    return places


def _split(table: str, cells: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of our tables that one row of a file makes."""
    if table != ROSTER:
        yield table, dict(cells)
        return
    parts: dict[str, dict[str, str]] = {"patients": {}}
    for ours, text in cells.items():
        name, column = ROSTER_COLUMNS[ours]
        parts.setdefault(name, {})[column] = text
    for name, part in parts.items():
        if name != "patients" and not part.get(_NEEDED[name]):
            continue
        whole = {"patient_id": cells.get("patient_id", ""), **part}
        codes = re.split(r"[;,|\s]+", part["icd10"]) if name == "conditions" else [""]
        for code in codes:
            if name != "conditions":
                yield name, whole
            elif code:
                yield name, {**whole, "icd10": code.upper()}


def _value(ours: str, text: str, table: str, us_days: bool, known: Mapping[str, Mapping[str, str]]) -> str:
    """A cell in our words where another way to say it is known; else as it stands, for the reader to judge."""
    name, column = ROSTER_COLUMNS[ours] if table == ROSTER else (table, ours)
    for words in (known.get(ours, {}), _WORDS.get(column, {})):
        if text.lower() in words:
            return words[text.lower()]
    if us_days and dict(columns_of(name)).get(column) == "DATE" and (found := _US_DAY.fullmatch(text)):
        return f"{found[3]}-{int(found[1]):02d}-{int(found[2]):02d}"
    return text


def _meaning(table: str, name: str) -> str:
    column = next(one for one in fields(TABLES[table]) if column_of(one) == name)
    allowed = column.metadata["one_of"]
    return str(column.metadata["says"]) + (f": {', '.join(allowed)}" if 0 < len(allowed) <= 8 else "")


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name.strip().lower())
