"""Runs the SQL program: ``sql/*.sql`` in the order of their names, step by step.

A step is a ``SELECT`` with a name; it becomes a temporary table of that name. The text is plain SQL over whole numbers,
days and words, and ``$name`` stands for a literal value. ``rowid`` is a row's place in its table; a batch, which shows no
record behind a fact, reads it as zero, so that its SQL runs on other engines as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from careledger.core.month import Month
from careledger.facts.params import DEFAULT_ZONE, Cell, Span, Tables, calendar_tables, literals, policy_tables
from careledger.policy.store import Policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Progress = Callable[[str, int, int], None]
"""Told the name of each step, its number and how many there are."""

READING = "00_work_kinds"
"""The file whose steps run before policy is asked, since they tell which programs and wordings occur."""

_STEP = re.compile(r"^-- step: (\w+)\n", re.MULTILINE)
_NAME = re.compile(r"\$(\w+)")
_ROWID = re.compile(r"\b\w+\.rowid\b")


@dataclass(frozen=True, slots=True)
class Step:
    """A named ``SELECT`` of the program and the file it stands in."""

    name: str
    file: str
    sql: str


@cache
def steps() -> tuple[Step, ...]:
    """All steps, in the order they run."""
    folder = resources.files("careledger.facts") / "sql"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return tuple(step for item in files for step in parse(item.read_text("utf-8"), item.name.removesuffix(".sql")))


def parse(text: str, file: str) -> list[Step]:
    """The steps of one file."""
    parts = _STEP.split(text)
    return [Step(name, file, sql.strip().rstrip(";")) for name, sql in zip(parts[1::2], parts[2::2], strict=True)]


def run(
    con: DuckDBPyConnection,
    month: Month,
    policy: Policy,
    *,
    through: date | None = None,
    with_records: bool = False,
    keep: Iterable[str] | None = ("months", "program_months", "agency_months", "bills"),
    progress: Progress | None = None,
    program: Sequence[Step] | None = None,
) -> Span:
    """Compute the facts of every patient and biller in the connection's tables.

    Args:
        con: holds the tables of ``core.records.TABLES``.
        month: the service month.
        policy: all of policy; the values in force on the month's last day are used.
        through: look at minutes up to this day only.
        with_records: number records by their place in their table, for evidence; needs tables, not views.
        keep: steps whose tables stay; the others are dropped as soon as no later step reads them. None keeps all.
        progress: told of each step.
        program: other steps than the package's own, for tests.

    Returns:
        The span of time that was looked at.
    """
    work = list(program or steps())
    span = Span(month=month, through=through or month.last_on, zones=_zones(con))
    view = policy.on(month.last_on)
    values = {name: _literal(value) for name, value in literals(span, view).items()}
    load_tables(con, calendar_tables(span))
    drops = _last_uses(work, None if keep is None else set(keep))
    for place, step in enumerate(work):
        if place and work[place - 1].file == READING and step.file != READING:
            load_tables(con, policy_tables(month, policy, view, _column(con, "programs_named"), _wordings(con)))
        if progress is not None:
            progress(step.name, place + 1, len(work))
        _execute(con, step, values, with_records, drops[place])
    return span


def load_tables(con: DuckDBPyConnection, tables: Tables) -> None:
    """Create small temporary tables with their rows."""
    for name, (columns, rows) in tables.items():
        parts = [column.split() for column in columns.split(", ")]
        cells = ", ".join(f"UNNEST(?::{type_}[]) AS {column}" for column, type_ in parts)
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT {cells}", [[row[n] for row in rows] for n in range(len(parts))])


def _execute(
    con: DuckDBPyConnection, step: Step, values: Mapping[str, str], with_records: bool, drops: Sequence[str]
) -> None:
    sql = _NAME.sub(lambda found: values[found[1]], step.sql)
    if not with_records:
        sql = _ROWID.sub("CAST(0 AS BIGINT)", sql)
    con.execute(f"CREATE TEMP TABLE {step.name} AS\n{sql}")
    for table in drops:
        con.execute(f"DROP TABLE {table}")


def _last_uses(work: Sequence[Step], keep: set[str] | None) -> list[list[str]]:
    """For each place the tables that no later step reads."""
    drops: list[list[str]] = [[] for _ in work]
    if keep is None:
        return drops
    for place, step in enumerate(work):
        if step.name in keep:
            continue
        word = re.compile(rf"\b{step.name}\b")
        last = max((later for later in range(place, len(work)) if word.search(work[later].sql)), default=place)
        drops[max(last, place)].append(step.name)
    return drops


def _zones(con: DuckDBPyConnection) -> tuple[str, ...]:
    found = con.execute("SELECT DISTINCT time_zone FROM practices").fetchall()
    return tuple(sorted({DEFAULT_ZONE, *(row[0] for row in found)}))


def _column(con: DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"SELECT * FROM {table}").fetchall()]


def _wordings(con: DuckDBPyConnection) -> list[str | None]:
    return [row[0] for row in con.execute("SELECT DISTINCT activity FROM work_kinds").fetchall()]


def _literal(value: Cell) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value}'"
    return "'" + value.replace("'", "''") + "'"
