"""What must hold for rows: columns filled and readable, values allowed, ids unique, references resolved, times possible.

Each check is one SQL statement over the staged table that writes what it refuses into ``rejects``; nothing is done row
by row in Python, so ten million rows pass as one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from datetime import date
from typing import TYPE_CHECKING

from careledger.core.records import TABLES
from careledger.facts.schema import column_of, sql_type_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEYS = {
    "practices": ("practice_id",),
    "people": ("person_id",),
    "patients": ("patient_id",),
    "time_entries": ("entry_id",),
    "goals": ("goal_id",),
    "panel": ("patient_id", "biller_id"),
}
"""Columns that name a row of a table; no two rows may share them."""

REFERENCES = (
    ("people", "practice_id", "practices", "practice_id", "practice"),
    ("panel", "biller_id", "people", "person_id", "person"),
    ("time_entries", "by", "people", "person_id", "person"),
    ("extra_planning", "by", "people", "person_id", "person"),
    ("visits", "practitioner", "people", "person_id", "person"),
)
ORDERED = (
    ("coverage", "since", "until"),
    ("conditions", "since", "until"),
    ("stays", "since", "until"),
    ("agency_episodes", "since", "until"),
    ("devices", "period_since", "period_until"),
    ("patients", "born_on", "died_on"),
    ("consents", "given_on", "revoked_on"),
)
_MENDS = {
    "VARCHAR": "write a text",
    "BOOLEAN": "write true or false",
    "BIGINT": "write a whole number",
    "DATE": "write the day as YYYY-MM-DD",
}
_SHAPES = {
    "icd10": (r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?", "a diagnosis code is needed, such as E11.22"),
    "code": (r"[0-9A-Z][0-9]{3}[0-9A-Z]", "a procedure code has five characters, such as 99490"),
    "npi": (r"[12]\d{9}", "an NPI has ten digits and starts with 1 or 2"),
    "agency_npi": (r"[12]\d{9}", "an NPI has ten digits and starts with 1 or 2"),
    "month": (r"\d{4}-(0[1-9]|1[0-2])", "write the month as YYYY-MM"),
}
_LUHN = (  # digits doubled at the odd places from the left, 24 for the prefix 80840
    "(24 + list_sum(list_transform(range(1, 11), lambda i: CASE WHEN i % 2 = 1 THEN (TRY_CAST(substr({x}, CAST(i AS INTEGER), 1) AS INTEGER) * 2) "
    "- CASE WHEN TRY_CAST(substr({x}, CAST(i AS INTEGER), 1) AS INTEGER) > 4 THEN 9 ELSE 0 END "
    "ELSE TRY_CAST(substr({x}, CAST(i AS INTEGER), 1) AS INTEGER) END))) % 10 <> 0"
)
DAY_S = 24 * 3600
SORTED_ROWS = 20_000_000
"""Rows whose hashes are sorted in memory at once; 160 MB."""


def zones(con: DuckDBPyConnection) -> dict[str, str]:
    """Person to time zone, from the staged people and practices."""
    names = {row[0] for row in con.execute("SHOW TABLES").fetchall()}
    if not {"staged_people", "staged_practices"} <= names:
        return {}
    rows = con.execute(
        "SELECT p.person_id, coalesce(r.time_zone, 'America/New_York') FROM staged_people p "
        "JOIN staged_practices r USING (practice_id) WHERE p.person_id IS NOT NULL"
    ).fetchall()
    return dict(rows)


def check_columns(con: DuckDBPyConnection, table: str) -> None:
    """Required columns are filled, texts readable, words allowed. One scan finds the checks that refuse something."""
    checks = [(column_of(field), *check) for field in fields(TABLES[table]) for check in _column_checks(field)] + [
        (last, f'"{last}" < "{first}"', f"{last} is before {first}", "correct one of the two days")
        for name, first, last in ORDERED
        if name == table
    ]
    _refuse_any(con, table, checks)
    if table in KEYS:
        _check_unique(con, table, KEYS[table])


def check_across(con: DuckDBPyConnection, tables: list[str], tomorrow: date | None) -> None:
    """Times are possible, no two patients share a Medicare number."""
    if "time_entries" in tables:
        _check_times(con, tomorrow)
    if "coverage" in tables:
        _check_shared_number(con)


def check_references(con: DuckDBPyConnection, table: str) -> None:
    """Patients, people and practices that a table names stand in their tables, which are settled before."""
    if table != "patients" and "patient_id" in [field.name for field in fields(TABLES[table])]:
        _check_reference(con, table, "patient_id", "patients", "patient_id", "patient")
    for name, column, other, key, noun in REFERENCES:
        if table == name:
            _check_reference(con, table, column, other, key, noun)


def _column_checks(field: Field[object]) -> Iterator[tuple[str, str, str]]:
    name, type_, allowed = column_of(field), sql_type_of(field), field.metadata["one_of"]
    raw = f'"{name}__raw"'
    if field.default is MISSING:
        yield f"{raw} IS NULL", "the field is empty", f"fill it: {field.metadata['says']}"
    if name in ("start_s", "end_s"):
        plain = name.removesuffix("_s")
        mend = f"write {plain} as 2026-03-02T10:00, or {name} as whole seconds"
        yield f'{raw} IS NOT NULL AND "{name}" IS NULL', "this is no day and time", mend
    elif type_ != "VARCHAR":
        hint = "; days stand as YYYY-MM-DD, not in US order" if type_ == "DATE" else ""
        yield f'{raw} IS NOT NULL AND "{name}" IS NULL', f"this is no {_noun(type_)}", _MENDS[type_] + hint
    if allowed:
        words = ", ".join(f"'{word}'" for word in allowed)
        listed = f"len(list_filter(string_split(\"{name}\", ' '), lambda w: w NOT IN ({words}))) > 0"
        yield (
            f'CASE WHEN "{name}" IS NULL OR "{name}" IN ({words}) THEN false ELSE {listed} END',
            "this is not allowed here",
            f"write one of {', '.join(allowed)}",
        )
    if name in _SHAPES and type_ == "VARCHAR":
        pattern, mend = _SHAPES[name]
        yield (
            f'"{name}" IS NOT NULL AND NOT regexp_full_match("{name}", \'{pattern}\')',
            "this has the wrong form",
            mend,
        )
    if name in ("npi", "agency_npi"):
        wrong = _LUHN.format(x=f'substr("{name}", 1, 10)')
        shaped = f"regexp_full_match(\"{name}\", '[12]\\d{{9}}')"
        yield f"CASE WHEN {shaped} THEN {wrong} ELSE false END", "the NPI's check digit is wrong", "correct the NPI"


def _noun(type_: str) -> str:
    return {"BOOLEAN": "yes or no", "BIGINT": "whole number", "DATE": "day"}[type_]


def _refuse(con: DuckDBPyConnection, table: str, column: str, condition: str, problem: str, mend: str) -> None:
    keeps = column in ("npi", "agency_npi")
    con.execute(
        f"INSERT INTO rejects SELECT ?, row_no, ?, ?, ?, ? FROM staged_{table} WHERE {condition}",
        [table, column, problem, mend, keeps],
    )


def _refuse_any(con: DuckDBPyConnection, table: str, checks: list[tuple[str, str, str, str]]) -> None:
    """One scan finds the checks that refuse something; only those look for their rows."""
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for _, condition, _, _ in checks)
    found = con.execute(f"SELECT {counts} FROM staged_{table}").fetchone() or ()
    for check, count in zip(checks, found, strict=True):
        if count:
            _refuse(con, table, *check)


def _check_unique(con: DuckDBPyConnection, table: str, keys: tuple[str, ...]) -> None:
    columns = ", ".join(f'"{key}"' for key in keys)
    if _all_differ(con, table, columns):
        return
    con.execute(
        f"INSERT INTO rejects SELECT ?, unnest(rows), ?, 'several rows have the same ' || ?, ?, false FROM "
        f"(SELECT list(row_no) AS rows FROM staged_{table} GROUP BY {columns} HAVING count(*) > 1)",
        [table, keys[-1], " and ".join(keys), "keep one row, or give each an id of its own"],
    )


def _all_differ(con: DuckDBPyConnection, table: str, columns: str) -> bool:
    """Have all rows different hashes, which cannot come from fewer keys? Sorted in parts, which costs a third of a set."""
    count = (con.execute(f"SELECT count(*) FROM staged_{table}").fetchone() or (0,))[0]
    parts = 1 + count // SORTED_ROWS
    for part in range(parts):
        only = f"WHERE hashed % {parts} = {part}" if parts > 1 else ""
        found = con.execute(f"SELECT hashed FROM (SELECT hash({columns}) AS hashed FROM staged_{table}) {only}")
        hashes = found.fetchnumpy()["hashed"]
        hashes.sort()
        if (hashes[1:] == hashes[:-1]).any():
            return False
    return True


def _check_reference(con: DuckDBPyConnection, table: str, column: str, other: str, key: str, noun: str) -> None:
    con.execute(
        f"INSERT INTO rejects SELECT ?, row_no, ?, 'no {noun} has this id', ?, false FROM staged_{table} t "
        f'WHERE t."{column}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o."{key}" = t."{column}")',
        [table, column, f"add the {noun} to {other}, or correct the id"],
    )


def _check_times(con: DuckDBPyConnection, tomorrow: date | None) -> None:
    timed, whole = "start_s IS NOT NULL AND end_s IS NOT NULL", '"on" IS NOT NULL AND seconds IS NOT NULL'
    unfilled = f"NOT ({timed}) AND NOT ({whole}) AND start_s__raw IS NULL AND end_s__raw IS NULL AND on__raw IS NULL"
    half = f'NOT ({timed}) AND NOT ({whole}) AND (start_s IS NOT NULL OR end_s IS NOT NULL OR "on" IS NOT NULL)'
    long = f"end_s - start_s > {DAY_S} OR seconds > {DAY_S}"
    checks = [
        ("start", unfilled, "neither start and end nor a day and minutes are given", "fill start and end"),
        ("end", half, "the time is only half there", "fill start and end, or on and minutes"),
        ("end", "end_s <= start_s", "the entry ends before or when it starts", "correct start or end"),
        ("end", long, "the entry is longer than 24 hours", "split or correct it"),
        ("minutes", "seconds <= 0", "the entry has no length", "correct the minutes"),
    ]
    if tomorrow is not None:
        noon = f"(SELECT epoch(TIMESTAMPTZ '{tomorrow} 12:00:00+00'))"
        future = f"start_s >= {noon} OR \"on\" >= DATE '{tomorrow}'"
        checks.append(("start", future, "the entry lies in the future", "log work after it was done"))
    _refuse_any(con, "time_entries", checks)


def _check_shared_number(con: DuckDBPyConnection) -> None:
    shared = con.execute(
        "SELECT list(DISTINCT patient_id ORDER BY patient_id) FROM staged_coverage "
        "WHERE member_id IS NOT NULL AND payer IN ('medicare_ffs', 'medicare_advantage') "
        "GROUP BY member_id HAVING count(DISTINCT patient_id) > 1"
    ).fetchall()
    for (patients,) in shared:
        named = ", ".join(str(patient) for patient in patients)
        con.execute(
            "INSERT INTO rejects SELECT 'coverage', row_no, 'member_id', ?, ?, false FROM staged_coverage "
            "WHERE list_contains(?, patient_id) AND member_id IS NOT NULL",
            [f"patients {named} have one Medicare number", "find out whose it is; they may be one person", patients],
        )
