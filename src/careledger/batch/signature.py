"""Months with equal facts, found in SQL so that each is decided once.

Clocks are wound back to the cut points that the engine takes from policy (``engine.cuts``); ids, days that no rule reads,
programs of families without rules, and facts that only the rules of families read which nothing in the month touches are
left out. The self-audit of a close and the tests hold this to the decision on exact facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth, ProgramMonth
from careledger.core.records import AGENCY_KINDS
from careledger.engine.cuts import PROGRAMS, cut_points
from careledger.facts.rows import (
    AGENCY_COLUMNS,
    MONTH_COLUMNS,
    PROGRAM_COLUMNS,
    Parts,
    agency_month,
    billed_service,
    patient_month,
    program_month,
    words,
)
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView
from careledger.rules.clock import CURABLE
from careledger.rules.registry import FAMILIES, REQUIREMENTS

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

CLOCKS = ("staff_s", "own_s", "team_s")
LEFT_OUT = ("patient", "biller", "biller_specialty")
"""Columns of a month that no decision looks at."""

Cuts = Mapping[str, tuple[int, ...]]


def all_cuts(views: Iterable[PolicyView]) -> Cuts:
    """Every cut point of every clock under any of the views."""
    found: dict[str, set[int]] = {}
    for view in views:
        for clock, marks in cut_points(view).items():
            found.setdefault(clock, {0}).update(marks)
    return {clock: tuple(sorted(marks)) for clock, marks in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What of policy the grouping rests on.

    Attributes:
        cuts: cut points by clock, of all views.
        conditions: chronic conditions that policy asks for; more make no difference.
        service_days: days of agency service that policy asks for, likewise.
        closed: the month is over on the day of asking.
        codes: codes billed by others that any rule looks at.
    """

    cuts: Cuts
    conditions: int
    service_days: int
    closed: bool
    codes: tuple[str, ...]

    @classmethod
    def of(cls, policy: Policy, views: Sequence[PolicyView], closed: bool) -> Grouping:
        paired = {code for row in policy.conflict_rows() for code in row.a | row.b}
        return cls(
            cuts=all_cuts(views),
            conditions=max(view.number("ccm.eligibility.chronic_conditions") for view in views),
            service_days=max(view.number("cpo.certification.min_days") for view in views),
            closed=closed,
            codes=tuple(sorted(paired.union(REQUIREMENTS))),
        )


def group_months(con: DuckDBPyConnection, by: Grouping) -> None:
    """Group the program's results: leaves ``program_keys``, ``agency_keys``, ``month_keys`` and ``bill_keys``."""
    con.execute(f"CREATE TEMP TABLE program_keys AS {_program_keys(by)}")
    con.execute(f"CREATE TEMP TABLE agency_keys AS {_grouped(_agencies(by), AGENCY_COLUMNS)}")
    con.execute(f"CREATE TEMP TABLE month_keys AS {_grouped(_months(by), (*_MONTH, *_PARTS))}")
    con.execute("CREATE TEMP TABLE bill_keys AS SELECT UNNEST(bills) AS bill, key_no AS month_key FROM month_keys")
    con.execute("ALTER TABLE month_keys DROP bills")


_PARTS = ("is_whole_month_away", "asked", "programs", "agencies", "billed")
_MONTH = tuple(name for name in MONTH_COLUMNS if name not in LEFT_OUT)


def _grouped(sql: str, columns: Iterable[str]) -> str:
    """Equal rows once, numbered, with the bills they stand for."""
    listed = ", ".join(columns)
    return (
        f"SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS key_no, {listed}, bills "
        f"FROM (SELECT {listed}, LIST(bill) AS bills FROM ({sql}) GROUP BY {listed})"
    )


def _program_keys(by: Grouping) -> str:
    """Programs with clocks at their cut points.

    Once nothing more can be done in a month, seconds whose record may be completed matter as well: what they would carry
    each clock to. As many of them are kept as carry every clock there from its cut point and none further; where no such
    number exists, clocks and seconds stay exact.
    """
    plain = [name for name in PROGRAM_COLUMNS if name not in (*CLOCKS, "logged_s", "untimed_s")]
    columns = (*PROGRAM_COLUMNS, "curable_s")
    wound = ", ".join(
        f"{_wound(by.cuts, clock, clock)} AS {clock}_0, {_wound(by.cuts, clock, f'{clock} + curable_s')} AS {clock}_1"
        for clock in CLOCKS
    )
    ends = ", ".join(f"{_next(by.cuts, clock, f'{clock} + curable_s')} - {clock}_0 AS {clock}_2" for clock in CLOCKS)
    least = f"GREATEST({', '.join(f'{clock}_1 - {clock}_0' for clock in CLOCKS)})"
    below = f"LEAST({', '.join(f'{clock}_2' for clock in CLOCKS)})"
    clocks = ", ".join(f"CASE WHEN is_exact THEN {clock} ELSE {clock}_0 END AS {clock}" for clock in CLOCKS)
    mends = "TRUE" if by.closed else "m.died <> 'no'"
    return _grouped(
        f"""
        SELECT bill, {", ".join(plain)}, {clocks}, LEAST(logged_s, 1) AS logged_s, 0 AS untimed_s,
          CASE WHEN is_exact THEN curable_s ELSE kept_s END AS curable_s
        FROM (
          SELECT *, {least} AS kept_s, {least} >= {below} AS is_exact
          FROM (
            SELECT *, {ends}
            FROM (
              SELECT *, {wound}
              FROM (
                SELECT p.*, CASE WHEN {mends} THEN COALESCE(c.curable_s, 0) ELSE 0 END AS curable_s
                FROM program_months AS p
                JOIN months AS m ON m.bill = p.bill
                LEFT JOIN (
                  SELECT l.bill, l.program_no, CAST(SUM(l.seconds) AS INTEGER) AS curable_s
                  FROM losses AS l JOIN rule_reasons AS n ON n.reason_no = l.reason_no
                  WHERE n.reason IN ({_quoted(CURABLE)}) GROUP BY l.bill, l.program_no
                ) AS c ON c.bill = p.bill AND c.program_no = p.program_no
                WHERE p.program IN ({_quoted(PROGRAMS)})
              )
            )
          )
        )""",
        columns,
    )


def _wound(cuts: Cuts, clock: str, seconds: str) -> str:
    """A clock of any program at the last cut point that is not beyond it."""
    return _by_program(cuts, clock, lambda marks: [(f"{seconds} >= {mark}", mark) for mark in reversed(marks)])


def _next(cuts: Cuts, clock: str, seconds: str) -> str:
    """The first cut point of a clock that is beyond it."""
    return _by_program(cuts, clock, lambda marks: [(f"{seconds} < {mark}", mark) for mark in (*marks, _BEYOND)])


_BEYOND = 2_000_000_000
"""More seconds than any month has."""


def _by_program(cuts: Cuts, clock: str, steps: Callable[[tuple[int, ...]], list[tuple[str, int]]]) -> str:
    by_program = []
    for program in PROGRAMS:
        whens = " ".join(
            f"WHEN {condition} THEN {mark}" for condition, mark in steps(cuts.get(f"{program}.{clock}", (0,)))
        )
        by_program.append(f"WHEN program = '{program}' THEN CASE {whens} END")
    return f"CASE {' '.join(by_program)} END"


def _agencies(by: Grouping) -> str:
    served = f"CASE WHEN days_of_service >= {by.service_days} THEN {by.service_days} ELSE 0 END AS days_of_service"
    return f"SELECT bill, {', '.join(served if name == 'days_of_service' else name for name in AGENCY_COLUMNS)} FROM agency_months"


def _months(by: Grouping) -> str:
    columns = {
        "chronic_conditions": f"LEAST(m.chronic_conditions, {by.conditions}) AS chronic_conditions",
        "chronic_conditions_possible": f"LEAST(m.chronic_conditions_possible, {by.conditions}) AS chronic_conditions_possible",
        "days_in_facility": "0 AS days_in_facility",
        "days_alive": "CASE WHEN m.died = 'in_month' THEN m.days_alive ELSE 1 END AS days_alive",
        **{name: f"CASE WHEN {_OVERSEES} THEN m.{name} END AS {name}" for name in _only_read_for_oversight()},
    }
    return f"""
    SELECT m.bill, {", ".join(columns.get(name, f"m.{name}") for name in _MONTH)},
      0 < m.days_alive AND m.days_alive <= m.days_in_facility AS is_whole_month_away, m.asked,
      COALESCE(p.keys, '') AS programs, COALESCE(a.keys, '') AS agencies, COALESCE(b.billed, '') AS billed
    FROM months AS m
    LEFT JOIN ({_joined("program_keys", "MAX(program = 'cpo') AS oversees")}) AS p ON p.bill = m.bill
    LEFT JOIN ({_joined("agency_keys")}) AS a ON a.bill = m.bill
    LEFT JOIN (
      SELECT bill, STRING_AGG(DISTINCT code || ':' || relation, ' ' ORDER BY code || ':' || relation) AS billed
      FROM billed WHERE code IN ({_quoted(by.codes)}) GROUP BY bill
    ) AS b ON b.bill = m.bill"""


_OVERSEES = (
    "p.oversees OR a.keys IS NOT NULL OR m.asked <> '' OR m.elects <> '' "
    "OR m.patient IN (SELECT patient_id FROM proposed_lines)"
)
"""Something in the month touches codes of other families than CCM."""


def _only_read_for_oversight() -> frozenset[str]:
    """Facts of a month that may be unknown and that no rule of CCM reads."""
    ccm = {name for code in (*FAMILIES["ccm"], "G0506") for rule in REQUIREMENTS[code] for name in rule.reads}
    others = {name for rules in REQUIREMENTS.values() for rule in rules for name in rule.reads}
    optional = {column.name for column in fields(PatientMonth) if column.default is None}
    return frozenset((others - ccm) & optional & set(_MONTH))


def _joined(table: str, further: str = "") -> str:
    """The numbers of a bill's keys as one text."""
    listed = f", {further}" if further else ""
    return (
        f"SELECT bill, STRING_AGG(CAST(key_no AS VARCHAR), ' ' ORDER BY key_no) AS keys{listed} "
        f"FROM (SELECT UNNEST(bills) AS bill, * EXCLUDE (bills) FROM {table}) GROUP BY bill"
    )


def _quoted(words_: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words_)


ABSENT = "absent"
"""Stands for every fact of a program or agency of which nothing is recorded."""

Flat = tuple[Any, ...]
"""All facts of a month in a row, in the order of ``KeyedMonths.places``."""


class KeyedMonths:
    """The grouped months: each as a flat row of facts, and as a record when a rule must look at it."""

    def __init__(self, con: DuckDBPyConnection, month: Month, as_of: date | None) -> None:
        self.month, self.as_of = month, as_of
        self._programs = _by_key(con, "program_keys", (*PROGRAM_COLUMNS, "curable_s"))
        self._agencies = _by_key(con, "agency_keys", AGENCY_COLUMNS)
        self._rows = _by_key(con, "month_keys", (*_MONTH, *_PARTS))
        self.places = {name: place for place, name in enumerate(_flat_names())}

    def keys(self) -> Iterable[int]:
        return self._rows

    def flat(self, key: int) -> Flat:
        """The facts of a month, to be compared by those that a rule declares."""
        row = self._rows[key]
        programs = {cells[0]: cells for cells in self._parts(row, "programs", self._programs)}
        agencies = {cells[0]: cells for cells in self._parts(row, "agencies", self._agencies)}
        flat = row
        for name in PROGRAMS:
            flat += programs.get(name, _NO_PROGRAM)
        for name in AGENCY_KINDS:
            flat += agencies.get(name, _NO_AGENCY)
        return flat

    def asked(self, key: int) -> tuple[str, ...]:
        """Codes asked of a month."""
        return words(self._rows[key][_PLACE["asked"]])

    def record(self, key: int) -> PatientMonth:
        """The month as rules read it; whoever it belongs to is left open."""
        row = self._rows[key]
        parts = Parts(
            programs=[_program(cells) for cells in self._parts(row, "programs", self._programs)],
            agencies=[agency_month(cells) for cells in self._parts(row, "agencies", self._agencies)],
            billed=[billed_service((*text.split(":"), 1, False)) for text in words(row[_PLACE["billed"]])],
        )
        by_name = dict(zip(_MONTH, row, strict=False))
        if row[_PLACE["is_whole_month_away"]]:
            by_name["days_in_facility"] = by_name["days_alive"]
        full = [by_name.get(name, "" if name in ("patient", "biller") else None) for name in MONTH_COLUMNS]
        return patient_month(full, self.month, parts, self.as_of)

    @staticmethod
    def _parts(row: Flat, name: str, cells: Mapping[int, Flat]) -> list[Flat]:
        return [cells[int(key)] for key in words(row[_PLACE[name]])]


_PLACE = {name: place for place, name in enumerate((*_MONTH, *_PARTS))}
_NO_PROGRAM = (ABSENT,) * (len(PROGRAM_COLUMNS) + 1)
_NO_AGENCY = (ABSENT,) * len(AGENCY_COLUMNS)


def _flat_names() -> Iterable[str]:
    renamed = {"is_whole_month_away": "whole_month_in_facility"}
    yield from (renamed.get(name, name) for name in (*_MONTH, *_PARTS))
    for program in PROGRAMS:
        yield from (f"{program}.{name}" for name in (*PROGRAM_COLUMNS, "curable_s"))
    for kind in AGENCY_KINDS:
        yield from (f"{kind}.{name}" for name in AGENCY_COLUMNS)


def _program(cells: Flat) -> ProgramMonth:
    curable = cells[-1]
    return program_month(cells[:-1], {CURABLE[0]: curable} if curable else {})


def _by_key(con: DuckDBPyConnection, table: str, columns: Iterable[str]) -> dict[int, Flat]:
    found = con.execute(f"SELECT key_no, {', '.join(columns)} FROM {table} ORDER BY key_no").fetchall()
    return {row[0]: row[1:] for row in found}
