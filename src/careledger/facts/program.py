"""Runs the SQL program: ``sql/*.sql`` in the order of their names, step by step.

A step is a ``SELECT`` with a name; it becomes a table of that name, once the steps before it that it reads are there. The text is plain SQL over whole numbers,
days and words, the same for SQLite (one case) and DuckDB (a folder), and ``$name`` stands for a literal value. ``rowid``
is a row's place in its table; a batch, which shows no record behind a fact, reads it as zero.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from threading import Lock
from typing import Any

from careledger.core.month import Month
from careledger.facts.dialect import Cell, Database
from careledger.facts.params import DEFAULT_ZONE, Span, Tables, Wordings, calendar_tables, literals, policy_tables
from careledger.policy.store import Policy

Progress = Callable[[str, int, int], None]
"""Told the name of each step, its number and how many there are."""

RESULTS = (
    "months",
    "program_months",
    "agency_months",
    "billed",
    "visit_codes",
    "losses",
    "bills",
    "device_months",
    "discharge_months",
    "behavioral_months",
    "billed_before",
    "own_dates",
)
"""Tables that hold the facts; ``rows`` reads them."""

READING = "00_work_kinds"
"""The file whose steps run before policy is asked, since they tell which programs and wordings occur."""

_STEP = re.compile(r"^-- step: (\w+)\n", re.MULTILINE)
_NAME = re.compile(r"\$(\w+)")
_WORD = re.compile(r"\w+")
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
    base: Database,
    month: Month,
    policy: Policy,
    *,
    through: date | None = None,
    with_records: bool = False,
    keep: Iterable[str] | None = RESULTS,
    progress: Progress | None = None,
    program: Sequence[Step] | None = None,
) -> Span:
    """Compute the facts of every patient and biller in the database's tables.

    Args:
        base: holds the tables of ``core.records.TABLES``.
        month: the service month.
        policy: all of policy; the values in force on the month's last day are used.
        through: look at minutes up to this day only.
        with_records: number records by their place in their table, for evidence; needs tables, not views.
        keep: steps whose tables stay; the others are dropped as soon as no later step reads them. None keeps all.
        progress: told of each step when it is done.
        program: other steps than the package's own, for tests.

    Returns:
        The span of time that was looked at.
    """
    work = tuple(program or steps())
    span = Span(month=month, through=through or month.last_on, zones=_zones(base))
    view = policy.on(month.last_on)
    values = {name: _literal(value, base) for name, value in literals(span, view).items()}
    _fill(base, calendar_tables(span, has_discharges=_any(base, "discharges")))
    place = next((place for place, step in enumerate(work) if step.file != READING), len(work))
    running = _Running(work, values, with_records, None if keep is None else set(keep), progress)
    for step in work[:place]:
        running.run(base, step)
    _fill(base, policy_tables(month, policy, view, _wordings(base)))
    lanes = base.lanes()
    if len(lanes) == 1:
        for step in work[place:]:
            running.run(base, step)
    else:
        from careledger.facts.lanes import run_in_lanes  # only here: one case has no use for threads

        run_in_lanes(lanes, work[place:], _reads(work), running.run)
    return span


def _fill(base: Database, tables: Tables) -> None:
    for name, (columns, rows) in tables.items():
        base.fill(name, columns, rows)


class _Running:
    """Steps that run, and tables that are dropped as soon as no step that is left reads them."""

    def __init__(
        self,
        work: tuple[Step, ...],
        values: Mapping[str, str],
        with_records: bool,
        keep: set[str] | None,
        progress: Progress | None,
    ) -> None:
        self.values, self.with_records, self.keep, self.progress = values, with_records, keep, progress
        self.reads = _reads(work)
        self.readers = Counter(name for names in self.reads.values() for name in names)
        self.count, self.done = len(work), 0
        self.counting = Lock()

    def run(self, base: Database, step: Step) -> None:
        sql = _NAME.sub(lambda found: self.values[found[1]], step.sql)
        if not self.with_records:
            sql = _ROWID.sub("CAST(0 AS BIGINT)", sql)
        base.execute(f"CREATE TABLE {step.name} AS\n{sql}")
        for table in self._read_out(step):
            base.execute(f"DROP TABLE {table}")

    def _read_out(self, step: Step) -> list[str]:
        """Tables that nobody reads any more, now that this step is done."""
        with self.counting:
            self.done += 1
            if self.progress is not None:
                self.progress(step.name, self.done, self.count)
            self.readers.subtract(self.reads[step.name])
            over = [name for name in (*self.reads[step.name], step.name) if not self.readers[name]]
        return [] if self.keep is None else [name for name in over if name not in self.keep]


@lru_cache(8)
def _reads(work: tuple[Step, ...]) -> Mapping[str, frozenset[str]]:
    """For each step the steps before it whose tables it reads."""
    found: dict[str, frozenset[str]] = {}
    for step in work:
        words = set(_WORD.findall(step.sql))
        found[step.name] = frozenset(name for name in found if name in words)
    return found


def _any(base: Database, table: str) -> bool:
    return bool(base.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall())


def _zones(base: Database) -> tuple[str, ...]:
    return tuple(
        sorted({DEFAULT_ZONE, *(row[0] for row in base.execute("SELECT DISTINCT time_zone FROM practices").fetchall())})
    )


def _wordings(base: Database) -> Wordings:
    """Texts that occur, read once; whatever words they hold is worked out in Python."""

    def rows(sql: str) -> tuple[Any, ...]:
        return tuple(sorted(tuple(row) for row in base.execute(sql).fetchall()))

    def column(sql: str) -> tuple[str, ...]:
        return tuple(row[0] for row in rows(sql))

    return Wordings(
        programs=column("SELECT DISTINCT programs FROM work_kinds"),
        activities=column("SELECT DISTINCT activity FROM work_kinds"),
        covers=rows("SELECT DISTINCT program, covers FROM consents WHERE covers IS NOT NULL"),
        elements=rows("SELECT DISTINCT program, elements FROM care_plans WHERE elements IS NOT NULL"),
        works_with=rows("SELECT DISTINCT person_id, works_with FROM people WHERE works_with <> ''"),
        named=column(
            "SELECT program FROM consents UNION SELECT program FROM enrolments UNION SELECT program FROM care_plans "
            "UNION SELECT kind FROM devices UNION SELECT COALESCE(service, 'bhi') FROM behavioral "
            "UNION SELECT COALESCE(service, 'cocm') FROM behavioral"
        ),
    )


def _literal(value: Cell, base: Database) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return base.day.format(value)
    return "'" + value.replace("'", "''") + "'"
