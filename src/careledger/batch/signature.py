"""Months with equal facts, found in SQL so that each is decided once.

Clocks are wound back to the cut points that the engine takes from policy (``engine.cuts``); ids, days that no rule reads and
programs of families without rules are left out, as ``engine.cuts.coarse`` leaves them out. The self-audit of a close and
the tests hold this to the decision on exact facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from careledger.core.month import Month
from careledger.core.patient_month import AgencyMonth, PatientMonth, ProgramMonth
from careledger.engine.cuts import PROGRAMS, cut_points
from careledger.facts.rows import (
    AGENCY_COLUMNS,
    BILLED_COLUMNS,
    MONTH_COLUMNS,
    PROGRAM_COLUMNS,
    Parts,
    agency_month,
    billed_service,
    patient_month,
    program_month,
    words,
)
from careledger.policy.view import PolicyView
from careledger.rules.clock import CURABLE

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


def group_months(con: DuckDBPyConnection, cuts: Cuts, conditions_needed: int) -> None:
    """Group the program's results: leaves ``program_keys``, ``agency_keys`` and ``month_keys``, each with its rows."""
    con.execute(f"CREATE TEMP TABLE program_keys AS {_program_keys(cuts)}")
    con.execute(
        _numbered("agency_keys", f"SELECT bill, {', '.join(AGENCY_COLUMNS)} FROM agency_months", AGENCY_COLUMNS)
    )
    con.execute(_numbered("month_keys", _months(conditions_needed), (*_MONTH, *_PARTS)))
    con.execute("CREATE TEMP TABLE bill_keys AS SELECT UNNEST(bills) AS bill, key_no AS month_key FROM month_keys")
    con.execute("ALTER TABLE month_keys DROP bills")


_PARTS = ("is_whole_month_away", "asked", "programs", "agencies", "billed")
_MONTH = tuple(name for name in MONTH_COLUMNS if name not in LEFT_OUT)


def _numbered(name: str, sql: str, columns: Iterable[str]) -> str:
    """Equal rows once, numbered, with the bills they stand for."""
    listed = ", ".join(columns)
    return (
        f"CREATE TEMP TABLE {name} AS SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS key_no, {listed}, bills "
        f"FROM (SELECT {listed}, LIST(bill) AS bills FROM ({sql}) GROUP BY {listed})"
    )


def _program_keys(cuts: Cuts) -> str:
    """Programs with clocks at their cut points. Seconds that a completed record may still add are kept, with exact
    clocks, where they would carry one over a cut point."""
    curable = ", ".join(
        f"SUM(CASE WHEN n.reason = '{reason}' THEN l.seconds ELSE 0 END) AS {reason}" for reason in CURABLE
    )
    reaches = " OR ".join(
        f"{_wound(cuts, clock, f'{clock} + curable_s')} > {_wound(cuts, clock, clock)}" for clock in CLOCKS
    )
    clocks = ", ".join(
        f"CASE WHEN {reaches} THEN {clock} ELSE {_wound(cuts, clock, clock)} END AS {clock}" for clock in CLOCKS
    )
    lost = " || ' ' || ".join(f"'{reason}:' || CAST({reason} AS VARCHAR)" for reason in CURABLE)
    plain = [name for name in PROGRAM_COLUMNS if name not in (*CLOCKS, "logged_s", "untimed_s")]
    listed = ", ".join((*PROGRAM_COLUMNS, "lost"))
    return f"""
    SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS key_no, {listed}, bills FROM (
      SELECT {listed}, LIST(bill) AS bills FROM (
        SELECT bill, {", ".join(plain)}, {clocks}, LEAST(logged_s, 1) AS logged_s, 0 AS untimed_s,
          CASE WHEN {reaches} THEN {lost} ELSE '' END AS lost
        FROM (
          SELECT p.*, {", ".join(f"COALESCE(c.{reason}, 0) AS {reason}" for reason in CURABLE)},
            {" + ".join(f"COALESCE(c.{reason}, 0)" for reason in CURABLE)} AS curable_s
          FROM program_months AS p
          LEFT JOIN (
            SELECT l.bill, l.program_no, {curable}
            FROM losses AS l JOIN rule_reasons AS n ON n.reason_no = l.reason_no
            WHERE n.reason IN ({", ".join(f"'{reason}'" for reason in CURABLE)})
            GROUP BY l.bill, l.program_no
          ) AS c ON c.bill = p.bill AND c.program_no = p.program_no
          WHERE p.program IN ({", ".join(f"'{name}'" for name in PROGRAMS)})
        )
      ) GROUP BY {listed}
    )"""


def _wound(cuts: Cuts, clock: str, seconds: str) -> str:
    """A clock of any program at the last cut point that is not beyond it."""
    by_program = []
    for program in PROGRAMS:
        marks = cuts.get(f"{program}.{clock}", (0,))
        steps = " ".join(f"WHEN {seconds} >= {mark} THEN {mark}" for mark in sorted(marks, reverse=True) if mark)
        by_program.append(f"WHEN program = '{program}' THEN {f'CASE {steps} ELSE 0 END' if steps else 0}")
    return f"CASE {' '.join(by_program)} ELSE 0 END"


def _months(conditions_needed: int) -> str:
    columns = {
        "chronic_conditions": f"LEAST(m.chronic_conditions, {conditions_needed}) AS chronic_conditions",
        "chronic_conditions_possible": f"LEAST(m.chronic_conditions_possible, {conditions_needed}) AS chronic_conditions_possible",
        "days_in_facility": "0 AS days_in_facility",
        "days_alive": "CASE WHEN m.died = 'in_month' THEN m.days_alive ELSE 1 END AS days_alive",
    }
    billed = " || ':' || ".join(
        f"CAST({name} AS VARCHAR)"
        if name != "same_day_as_visit"
        else "CASE WHEN same_day_as_visit THEN '1' ELSE '' END"
        for name in BILLED_COLUMNS
    )
    return f"""
    SELECT m.bill, {", ".join(columns.get(name, f"m.{name}") for name in _MONTH)},
      0 < m.days_alive AND m.days_alive <= m.days_in_facility AS is_whole_month_away, m.asked,
      COALESCE(p.programs, '') AS programs, COALESCE(a.agencies, '') AS agencies, COALESCE(b.billed, '') AS billed
    FROM months AS m
    LEFT JOIN ({_joined("program_keys")}) AS p(bill, programs) ON p.bill = m.bill
    LEFT JOIN ({_joined("agency_keys")}) AS a(bill, agencies) ON a.bill = m.bill
    LEFT JOIN (SELECT bill, STRING_AGG({billed}, ' ' ORDER BY {billed}) AS billed FROM billed GROUP BY bill) AS b ON b.bill = m.bill"""


def _joined(table: str) -> str:
    """The numbers of a bill's keys as one text."""
    return (
        f"SELECT bill, STRING_AGG(CAST(key_no AS VARCHAR), ' ' ORDER BY key_no) "
        f"FROM (SELECT UNNEST(bills) AS bill, key_no FROM {table}) GROUP BY bill"
    )


class KeyedMonths:
    """The grouped months as records, each to be decided once."""

    def __init__(self, con: DuckDBPyConnection, month: Month, as_of: date | None) -> None:
        self.con, self.month, self.as_of = con, month, as_of
        listed = ", ".join(("key_no", *PROGRAM_COLUMNS, "lost"))
        self.programs: dict[int, ProgramMonth] = {
            key: program_month(cells, _lost(lost))
            for key, *cells, lost in con.execute(f"SELECT {listed} FROM program_keys").fetchall()
        }
        self.agencies: dict[int, AgencyMonth] = {
            key: agency_month(cells)
            for key, *cells in con.execute(f"SELECT key_no, {', '.join(AGENCY_COLUMNS)} FROM agency_keys").fetchall()
        }

    def all(self) -> dict[int, tuple[PatientMonth, tuple[str, ...]]]:
        """Every distinct month by its key, with the codes asked of it."""
        listed = ", ".join(("key_no", *_PARTS, *_MONTH))
        found = self.con.execute(f"SELECT {listed} FROM month_keys ORDER BY payer, plan, key_no").fetchall()
        return {row[0]: (self._month(row), words(row[2])) for row in found}

    def _month(self, row: tuple[Any, ...]) -> PatientMonth:
        _, away, _, programs, agencies, billed, *cells = row
        parts = Parts(
            programs=sorted(
                (self.programs[int(key)] for key in words(programs)), key=lambda one: PROGRAMS.index(one.program)
            ),
            agencies=[self.agencies[int(key)] for key in words(agencies)],
            billed=[billed_service(_service(text)) for text in words(billed)],
        )
        by_name = dict(zip(_MONTH, cells, strict=True))
        if away:
            by_name["days_in_facility"] = by_name["days_alive"]
        full = [by_name.get(name, "" if name in ("patient", "biller") else None) for name in MONTH_COLUMNS]
        return patient_month(full, self.month, parts, self.as_of)


def _service(text: str) -> tuple[Any, ...]:
    code, relation, units, same_day = text.split(":")
    return code, relation, int(units), bool(same_day)


def _lost(text: str) -> dict[str, int]:
    pairs = (part.split(":") for part in words(text))
    return {reason: int(seconds) for reason, seconds in pairs if int(seconds)}
