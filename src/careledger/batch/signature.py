"""Months with equal facts, found in SQL so that each is decided once.

Clocks are wound back to the cut points that the engine takes from policy (``engine.cuts``); ids, days that no rule reads,
programs of families without rules, and facts that only the rules of families read which nothing in the month touches are
left out. The self-audit of a close and the tests hold this to the decision on exact facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from careledger.core.month import Month
from careledger.core.patient_month import (
    AgencyMonth,
    BehavioralMonth,
    BilledService,
    DeviceMonth,
    DischargeMonth,
    PatientMonth,
    ProgramMonth,
)
from careledger.engine.cuts import CLOSED_ENDED, PROGRAMS, READ, conditions_needed, cut_points, reads_of
from careledger.facts.rows import (
    AGENCY_COLUMNS,
    BEHAVIORAL_COLUMNS,
    DEVICE_COLUMNS,
    DISCHARGE_COLUMNS,
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
from careledger.rules.clock import CLOCKS, CURABLE
from careledger.rules.registry import FAMILIES, REQUIREMENTS

if TYPE_CHECKING:
    from datetime import date

    import pyarrow as pa
    from duckdb import DuckDBPyConnection

LEFT_OUT = ("patient", "biller", *(() if "biller_specialty" in READ else ("biller_specialty",)))
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
            conditions=max(conditions_needed(view) for view in views),
            service_days=max(view.number("cpo.certification.min_days") for view in views),
            closed=closed,
            codes=tuple(sorted(paired.union(REQUIREMENTS))),
        )


def group_months(con: DuckDBPyConnection, by: Grouping) -> None:
    """Group the program's results: leaves ``program_keys``, ``agency_keys``, ``month_keys`` and ``bill_keys``."""
    logged = {row[0] for row in con.execute("SELECT DISTINCT program FROM program_months").fetchall()}
    present = [program for program in PROGRAMS if program in logged]
    con.execute(f"CREATE TEMP TABLE program_keys AS {_program_keys(by, present)}")
    con.execute(f"CREATE TEMP TABLE agency_keys AS {_grouped(_agencies(by), AGENCY_COLUMNS)}")
    con.execute(f"CREATE TABLE month_keys AS {_named(_grouped(_months(by, present), _keyed(present)), present)}")
    con.execute("CREATE TEMP TABLE bill_keys AS SELECT UNNEST(bills) AS bill, key_no AS month_key FROM month_keys")
    con.execute("ALTER TABLE month_keys DROP bills")


_PACKED: Mapping[str, tuple[str, type, tuple[str, ...]]] = {
    "devices": ("device_months", DeviceMonth, DEVICE_COLUMNS),
    "discharges": ("discharge_months", DischargeMonth, DISCHARGE_COLUMNS),
    "behavioral": ("behavioral_months", BehavioralMonth, BEHAVIORAL_COLUMNS),
}
"""Parts of a month that travel as one text: their table, their record and its columns."""

_LISTS = ("billed", "billed_before", "visit_codes")
_PARTS = ("is_whole_month_away", "asked", "programs", "agencies", *_LISTS, *_PACKED)
_MONTH = tuple(name for name in MONTH_COLUMNS if name not in LEFT_OUT)


def _grouped(sql: str, columns: Iterable[str]) -> str:
    """Equal rows once, numbered, with the bills they stand for."""
    listed = ", ".join(columns)
    return (
        f"SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS key_no, {listed}, bills "
        f"FROM (SELECT {listed}, LIST(bill) AS bills FROM ({sql}) GROUP BY {listed})"
    )


MONTH_PARTS = (*_PARTS, *_MONTH)
"""Columns of a distinct month."""


def _keyed(present: Sequence[str]) -> list[str]:
    """Columns that make a distinct month, with a column for the key of each program that occurs."""
    return [*_MONTH, *(name for name in _PARTS if name != "programs"), *(f"{program}_key" for program in present)]


def _named(sql: str, present: Sequence[str]) -> str:
    """The keys of a month's programs as one text."""
    keys = ", ".join(f"{program}_key" for program in present)
    text = f"CONCAT_WS(' ', {keys})" if present else "''"
    return (
        f"SELECT * EXCLUDE ({keys}), {text} AS programs FROM ({sql})"
        if present
        else f"SELECT *, '' AS programs FROM ({sql})"
    )


_MENDABLE = tuple(f"mendable_{clock}" for clock in CLOCKS)


def _program_keys(by: Grouping, present: Sequence[str]) -> str:
    """Programs with clocks at their cut points.

    Once nothing more can be done in a month, seconds whose record may be completed matter as well: by the cut point they
    would carry each clock to.
    """
    plain = [name for name in PROGRAM_COLUMNS if name not in (*CLOCKS, "logged_s", "untimed_s")]
    wound = ", ".join(f"{_wound(by.cuts, present, clock, clock)} AS {clock}" for clock in CLOCKS)
    gains = ", ".join(
        f"CASE WHEN curable_s = 0 THEN 0 ELSE {_wound(by.cuts, present, clock, f'({clock} + curable_s)')} "
        f"- {_wound(by.cuts, present, clock, clock)} END AS mendable_{clock}"
        for clock in CLOCKS
    )
    mending = "" if by.closed else "JOIN months AS m ON m.bill = l.bill AND m.died <> 'no'"
    return _grouped(
        f"""
        SELECT bill, {", ".join(plain)}, {wound}, LEAST(logged_s, 1) AS logged_s, 0 AS untimed_s, {gains}
        FROM (
          SELECT p.*, COALESCE(c.curable_s, 0) AS curable_s
          FROM program_months AS p
          LEFT JOIN (
            SELECT l.bill, l.program_no, CAST(SUM(l.seconds) AS INTEGER) AS curable_s
            FROM losses AS l JOIN rule_reasons AS n ON n.reason_no = l.reason_no {mending}
            WHERE n.reason IN ({_quoted(CURABLE)}) GROUP BY l.bill, l.program_no
          ) AS c ON c.bill = p.bill AND c.program_no = p.program_no
          WHERE p.program IN ({_quoted(present or ("",))})
        )""",
        (*PROGRAM_COLUMNS, *_MENDABLE),
    )


def _wound(cuts: Cuts, present: Sequence[str], clock: str, seconds: str) -> str:
    """A clock of any program at the last cut point that is not beyond it.

    Low ones are asked first: most clocks are low, and a question is put to those rows only that are not answered yet.
    """
    by_program = []
    for program in present:
        marks = cuts.get(f"{program}.{clock}", (0,))
        whens = "".join(f" WHEN {seconds} < {after} THEN {mark}" for mark, after in pairwise(marks))
        beyond = str(marks[-1]) if program in CLOSED_ENDED else f"GREATEST({seconds}, {marks[-1]})"
        by_program.append(f"WHEN program = '{program}' THEN {f'CASE{whens} ELSE {beyond} END' if whens else beyond}")
    return f"CASE {' '.join(by_program)} END" if by_program else "0"


def _agencies(by: Grouping) -> str:
    served = f"CASE WHEN days_of_service >= {by.service_days} THEN {by.service_days} ELSE 0 END AS days_of_service"
    return f"SELECT bill, {', '.join(served if name == 'days_of_service' else name for name in AGENCY_COLUMNS)} FROM agency_months"


def _months(by: Grouping, present: Sequence[str]) -> str:
    columns = {
        "chronic_conditions": f"LEAST(m.chronic_conditions, {by.conditions}) AS chronic_conditions",
        "chronic_conditions_possible": f"LEAST(m.chronic_conditions_possible, {by.conditions}) AS chronic_conditions_possible",
        "days_in_facility": "0 AS days_in_facility",
        "days_alive": "CASE WHEN m.died = 'in_month' THEN m.days_alive ELSE 1 END AS days_alive",
        **{name: f"CASE WHEN {_GOES_BEYOND} THEN m.{name} END AS {name}" for name in _only_read_beyond_ccm()},
    }
    return f"""
    SELECT m.bill, {", ".join(columns.get(name, f"m.{name}") for name in _MONTH)},
      0 < m.days_alive AND m.days_alive <= m.days_in_facility AS is_whole_month_away, m.asked,
      {"".join(f"p.{program}_key, " for program in present)}COALESCE(a.keys, '') AS agencies, {", ".join(_listed(name) for name in (*_LISTS, *_PACKED))}
    FROM months AS m
    LEFT JOIN ({_program_columns(present)}) AS p ON p.bill = m.bill
    LEFT JOIN ({_joined("agency_keys")}) AS a ON a.bill = m.bill
    {" ".join(f"LEFT JOIN ({sql}) AS {name} ON {name}.bill = m.bill" for name, sql in _texts(by).items())}"""


def _listed(name: str) -> str:
    """A part's text; of visits only where something beyond CCM may look at them."""
    if name == "visit_codes" and "visit_codes" not in _of_ccm():
        return f"CASE WHEN {_GOES_BEYOND} THEN COALESCE(visit_codes.listed, '') ELSE '' END AS visit_codes"
    return f"COALESCE({name}.listed, '') AS {name}"


def _texts(by: Grouping) -> dict[str, str]:
    """For each part that travels as text: a bill and the text."""
    services = "STRING_AGG(DISTINCT code || ':' || relation, ' ' ORDER BY code || ':' || relation)"
    dated = "code || ':' || relation || CASE WHEN same_day_as_visit THEN ':visit_day' ELSE '' END"
    billed = f"STRING_AGG(DISTINCT {dated}, ' ' ORDER BY {dated})"
    visits = "STRING_AGG(DISTINCT code, ' ' ORDER BY code)" if "visit_codes" in READ - _of_ccm() else "NULL"
    lists = {
        "billed": f"SELECT bill, {billed} AS listed FROM billed WHERE code IN ({_quoted(by.codes)}) GROUP BY bill",
        "billed_before": f"SELECT bill, {services} AS listed FROM billed_before GROUP BY bill",
        "visit_codes": f"SELECT bill, {visits} AS listed FROM visit_codes GROUP BY bill",
    }
    return lists | {name: _packed(table, columns) for name, (table, _, columns) in _PACKED.items()}


def _service(text: str) -> BilledService:
    """A service billed from its text; units of others decide nothing."""
    code, relation, *day = text.split(":")
    return billed_service((code, relation, 1, bool(day)))


def _packed(table: str, columns: tuple[str, ...]) -> str:
    """Rows of a table as one text a bill: cells parted by bars, rows by spaces; no cell holds either."""
    cells = " || '|' || ".join(f"COALESCE(CAST(\"{column}\" AS VARCHAR), '')" for column in columns)
    return f"SELECT bill, STRING_AGG(cells, ' ' ORDER BY cells) AS listed FROM (SELECT bill, {cells} AS cells FROM {table}) GROUP BY bill"


def _unpacked(record: type, columns: tuple[str, ...], text: str) -> list[Any]:
    """Records from such a text."""
    types = _types(record)
    return [
        record(**{name: _cell(types[name], cell) for name, cell in zip(columns, row.split("|"), strict=True)})
        for row in words(text)
    ]


@cache
def _types(record: type) -> Mapping[str, str]:
    return {column.name: str(column.type) for column in fields(record)}


def _cell(type_: str, text: str) -> Any:
    if not text:
        return None
    if type_.startswith("bool"):
        return text == "true"
    return int(text) if type_.startswith("int") else text


_GOES_BEYOND = (
    "p.goes_beyond OR a.keys IS NOT NULL OR m.asked <> '' OR m.elects <> '' OR m.setting IN ('rhc', 'fqhc') "
    "OR devices.bill IS NOT NULL OR discharges.bill IS NOT NULL OR behavioral.bill IS NOT NULL "
    "OR m.patient IN (SELECT patient_id FROM proposed_lines)"
)
"""Something in the month touches codes of other families than CCM."""


def _of_ccm() -> frozenset[str]:
    """Facts that some rule of CCM reads."""
    return reads_of((*FAMILIES["ccm"], "G0506"))


def _only_read_beyond_ccm() -> frozenset[str]:
    """Facts of a month that may be unknown and that no rule of CCM reads."""
    ccm = _of_ccm()
    optional = {column.name for column in fields(PatientMonth) if column.default is None}
    return frozenset((READ - ccm) & optional & set(_MONTH)) | {"seen_in_person"}


def _program_columns(present: Sequence[str]) -> str:
    """For each bill the keys of its programs, and whether any is another than CCM."""
    keys = "".join(f", MAX(CASE WHEN program = '{program}' THEN key_no END) AS {program}_key" for program in present)
    return f"SELECT bill, MAX(program <> 'ccm') AS goes_beyond{keys} FROM ({_unnested('program_keys')}) GROUP BY bill"


def _joined(table: str) -> str:
    """The numbers of a bill's keys as one text."""
    listed = "STRING_AGG(CAST(key_no AS VARCHAR), ' ' ORDER BY key_no)"
    return f"SELECT bill, {listed} AS keys FROM ({_unnested(table)}) GROUP BY bill"


def _unnested(table: str) -> str:
    return f"SELECT UNNEST(bills) AS bill, * EXCLUDE (bills) FROM {table}"


def _quoted(words_: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words_)


class KeyedMonths:
    """The grouped months, each to be decided once."""

    def __init__(self, con: DuckDBPyConnection, month: Month, as_of: date | None) -> None:
        self.con, self.month, self.as_of = con, month, as_of
        listed = ", ".join(("key_no", *_MENDABLE, *PROGRAM_COLUMNS))
        self.programs: dict[int, ProgramMonth] = {
            key: replace(program_month(cells, {}), mendable=(staff, own, team) if staff or own or team else None)
            for key, staff, own, team, *cells in con.execute(f"SELECT {listed} FROM program_keys").fetchall()
        }
        self.agencies: dict[int, AgencyMonth] = {
            key: agency_month(cells)
            for key, *cells in con.execute(f"SELECT key_no, {', '.join(AGENCY_COLUMNS)} FROM agency_keys").fetchall()
        }

    def table(self) -> pa.Table:
        """Every distinct month with the columns of ``MONTH_PARTS``, in the order of the keys, which start at 1."""
        return self.con.sql(f"SELECT {', '.join(MONTH_PARTS)} FROM month_keys ORDER BY key_no").to_arrow_table()

    def record(self, row: tuple[Any, ...]) -> PatientMonth:
        """A row of ``table`` as a record."""
        part = dict(zip(_PARTS, row, strict=False))
        known = [self.programs[int(key)] for key in words(part["programs"])]
        parts = Parts(
            programs=sorted(known, key=lambda one: _PLACE[one.program]) if len(known) > 1 else known,
            agencies=[self.agencies[int(key)] for key in words(part["agencies"])],
            billed=[_service(text) for text in words(part["billed"])],
            billed_before=[_service(text) for text in words(part["billed_before"])],
            visit_codes=list(words(part["visit_codes"])),
        )
        for name, (_, record, columns) in _PACKED.items():
            if part[name]:
                found = _unpacked(record, columns, part[name])
                setattr(parts, name, found[0] if name == "behavioral" else found)
        full = [None if place is None else row[place] for place in _PLACES]
        for name in ("patient", "biller"):
            full[MONTH_COLUMNS.index(name)] = ""
        if part["is_whole_month_away"]:
            full[MONTH_COLUMNS.index("days_in_facility")] = full[MONTH_COLUMNS.index("days_alive")]
        return patient_month(full, self.month, parts, self.as_of)


_PLACE = {program: place for place, program in enumerate(PROGRAMS)}
_PLACES = tuple(_MONTH.index(name) + len(_PARTS) if name in _MONTH else None for name in MONTH_COLUMNS)
"""Where each column of a month stands in a row of ``MONTH_PARTS``; nowhere when no decision looks at it."""
