"""Measures computed: numerator, denominator, published figure beside it, and cuts with small cells suppressed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from careledger.core.errors import InputError, Place
from careledger.facts.working import working_database
from careledger.oversight.measures.catalogue import COHORTS, MEASURES, Measure
from careledger.oversight.measures.retention import Months, Stayed, curve, months_per_patient

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.core.month import Month
    from careledger.policy import PolicyView

LANGUAGES = {
    "en": "English", "es": "Spanish", "zh": "Chinese", "vi": "Vietnamese", "tl": "Tagalog", "ko": "Korean", "ru": "Russian",
    "ar": "Arabic", "fr": "French", "ht": "Haitian Creole", "pt": "Portuguese", "de": "German", "it": "Italian", "pl": "Polish",
    "hi": "Hindi", "ja": "Japanese",
}  # fmt: skip
"""Names of some languages by their BCP 47 tag; others are shown as recorded."""


_ZIP = "nullif(any_value(p.zip), '')"


def _shares_digits(count: int) -> str:
    return f"left({_ZIP}, {count}) IN (SELECT left(zip, {count}) FROM practices WHERE zip <> '')"


_CUTS = {
    "dual status": "CASE WHEN bool_or(c.qmb) THEN 'QMB' WHEN bool_and(c.qmb IS NOT NULL) THEN 'not QMB' ELSE 'unknown' END",
    "age": "CASE WHEN any_value(p.born_on) IS NULL THEN 'unknown' WHEN date_sub('year', any_value(p.born_on), getvariable('last_on')) < 65 THEN 'under 65' "
    "WHEN date_sub('year', any_value(p.born_on), getvariable('last_on')) < 75 THEN '65 to 74' WHEN date_sub('year', any_value(p.born_on), getvariable('last_on')) < 85 "
    "THEN '75 to 84' ELSE '85 and over' END",
    "language": "CASE lower(split_part(any_value(p.language), '-', 1)) "
    + " ".join(f"WHEN '{tag}' THEN '{name}'" for tag, name in LANGUAGES.items())
    + " ELSE coalesce(any_value(p.language), 'unknown') END",
    "distance": f"CASE WHEN {_ZIP} IS NULL OR NOT EXISTS (SELECT 1 FROM practices WHERE zip <> '') THEN 'unknown' "
    f"WHEN {_shares_digits(5)} THEN 'same ZIP code' WHEN {_shares_digits(3)} THEN 'same ZIP area' "
    "ELSE 'another ZIP area' END",
}
"""What eligible patients are grouped by, as SQL over one patient's rows. Distance is told by ZIP code: nobody records miles."""

DISTANCE_SAYS = (
    "Distance is told by ZIP code: the same as a practice's, one with the same first three digits (area), or another."
)
_PLACES = {"same ZIP code": 0, "same ZIP area": 1, "another ZIP area": 2, "unknown": 3}
"""Groups whose place is not that of the alphabet: from near to far, and what is not known last."""

_NEEDS = {
    "decisions": "the month's close",
    "claims": "the claims sent in the month",
    "invitations": "a record of invitations, which tables do not hold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measure's number; ``value`` is None when nobody stands in the denominator."""

    measure: Measure
    numerator: int
    denominator: int
    units: tuple[str, ...]
    published: str = ""

    @property
    def value(self) -> float | None:
        return 100 * self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Cut:
    """A measure in a group of patients; numbers are None when the cell is too small to show."""

    name: str
    stratum: str
    numerator: int | None
    denominator: int | None


@dataclass(slots=True)
class Cockpit:
    """Every measure of a month, what could not be measured, minutes by who and what, and the cuts of enrolment."""

    month: str
    measured: list[Measured] = field(default_factory=list)
    not_measured: list[tuple[str, str]] = field(default_factory=list)
    minutes_by_staff: list[tuple[str, int, int]] = field(default_factory=list)
    minutes_by_activity: list[tuple[str, int, int]] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    retention: list[Stayed] = field(default_factory=list)
    months: Months | None = None


def cockpit(
    folder: Path, month: Month, view: PolicyView, *, decisions: Path | None = None, claims: Path | None = None
) -> Cockpit:
    """Measure a month.

    Args:
        folder: the practice's tables.
        view: policy on the month's last day.
        decisions: the folder that the month's close wrote.
        claims: the claims store.

    Raises:
        InputError: a folder or store cannot be used.
    """
    from careledger.facts.tables import open_folder

    with working_database() as con:
        open_folder(con, folder)
        begin(con, month, view)
        return measured(con, month, view, set(_beside(con, month, decisions, claims)))


def begin(con: DuckDBPyConnection, month: Month, view: PolicyView) -> None:
    """Make the groups of patients in a connection that holds the practice's tables."""
    _variables(con, month, view)
    for name, sql in COHORTS.items():
        con.execute(f"CREATE TABLE {name} AS {sql}")


def measured(con: DuckDBPyConnection, month: Month, view: PolicyView, there: set[str]) -> Cockpit:
    """Every measure of a connection in which ``begin`` was done; ``there`` names what stands beside the tables."""
    told = Cockpit(str(month))
    for measure in MEASURES:
        if measure.needs and measure.needs not in there:
            told.not_measured.append((measure.id, f"needs {_NEEDS[measure.needs]}"))
        else:
            told.measured.append(_measured(con, measure, view))
    told.minutes_by_staff, told.minutes_by_activity = (_minutes(con, column, view) for column in ('"by"', "activity"))
    told.cuts = list(_cuts(con, view.number("house.radar.small_cell")))
    told.retention, told.months = curve(con), months_per_patient(con, view)
    return told


def _variables(con: DuckDBPyConnection, month: Month, view: PolicyView) -> None:
    zone = con.execute("SELECT coalesce(MIN(time_zone), 'America/New_York') FROM practices").fetchall()[0][0]
    con.execute(f"SET TimeZone = '{zone}'")
    con.execute(f"SET VARIABLE last_on = DATE '{month.last_on}'")
    con.execute(f"SET VARIABLE month_no = {month.year * 12 + month.number}")
    con.execute(f"SET VARIABLE least_conditions = {view.number('ccm.eligibility.chronic_conditions')}")
    con.execute(f"SET VARIABLE least_months = {view.number('ccm.eligibility.expected_months')}")


def _beside(con: DuckDBPyConnection, month: Month, decisions: Path | None, claims: Path | None) -> Iterator[str]:
    """Bring in the close and the claims store, when they are given."""
    if decisions is None:
        return
    file = decisions / "decisions.parquet"
    if not file.is_file():
        raise InputError(
            Place(str(decisions)), "no close was written here", "name the folder that 'careledger close' wrote"
        )
    con.execute(
        f"CREATE TABLE m_billable AS SELECT DISTINCT d.patient AS patient_id FROM read_parquet('{file}') d JOIN m_active a ON a.patient_id = d.patient "
        "WHERE d.verdict = 'bill' AND d.code IN ('99490', '99487', '99491')"
    )
    yield "decisions"
    if claims is None:
        return
    load_store(con, month, claims)
    yield "claims"


def load_store(con: DuckDBPyConnection, month: Month, file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            sent = store.execute(
                "SELECT claim_id, patient_id FROM claim WHERE state IN ('exported', 'taken') AND month = ?",
                (str(month),),
            ).fetchall()
            remitted = store.execute(
                "SELECT claim_id, paid_cents FROM remitted_claim WHERE claim_id IS NOT NULL"
            ).fetchall()
    except sqlite3.DatabaseError as error:
        raise InputError(
            Place(str(file)), f"no claims store ({error})", "name the file that 'claims build --store' made"
        ) from None
    con.execute("CREATE TABLE m_sent (claim_id VARCHAR, patient_id VARCHAR)")
    con.execute("CREATE TABLE m_answers (claim_id VARCHAR, paid_cents BIGINT)")
    for table, rows in (("m_sent", sent), ("m_answers", remitted)):
        if rows:
            con.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
    con.execute(
        "CREATE TABLE m_remitted AS SELECT claim_id, patient_id, paid_cents FROM m_answers JOIN m_sent USING (claim_id)"
    )
    con.execute("CREATE TABLE m_billed AS SELECT DISTINCT patient_id FROM m_sent JOIN m_billable USING (patient_id)")
    con.execute("CREATE TABLE m_paid AS SELECT DISTINCT patient_id FROM m_remitted WHERE paid_cents > 0")


def _measured(con: DuckDBPyConnection, measure: Measure, view: PolicyView) -> Measured:
    rows = con.execute(f"SELECT unit, met FROM ({measure.sql}) ORDER BY unit").fetchall()
    published = ""
    if measure.published:
        value = view.value(f"house.published.{measure.published}")
        published = f"{value.value}% ({value.note}; {', '.join(value.cite)})"
    met = tuple(unit for unit, is_met in rows if is_met)
    return Measured(measure=measure, numerator=len(met), denominator=len(rows), units=met, published=published)


def _minutes(con: DuckDBPyConnection, column: str, view: PolicyView) -> list[tuple[str, int, int]]:
    """(who or what, minutes, patients) of the month; wordings of one kind of work are one."""
    rows = con.execute(f"SELECT DISTINCT {column} FROM m_work WHERE {column} IS NOT NULL").fetchall()
    known = {word: view.policy.activity_id(word) or word for (word,) in rows} if column == "activity" else {}
    con.execute("CREATE OR REPLACE TEMP TABLE wordings (written VARCHAR, meant VARCHAR)")
    if known:
        con.executemany("INSERT INTO wordings VALUES (?, ?)", list(known.items()))
    return con.execute(
        f"SELECT coalesce(meant, {column}, 'not recorded') AS name, SUM(seconds) // 60, COUNT(DISTINCT patient_id) FROM m_work "
        f"LEFT JOIN wordings ON written = {column} WHERE month_no = getvariable('month_no') GROUP BY ALL ORDER BY 2 DESC, name"
    ).fetchall()


def _cuts(con: DuckDBPyConnection, small: int) -> Iterator[Cut]:
    """Enrolment of eligible patients by group; a cut with a small cell hides that cell and the next smallest one.

    One hidden cell could be told from the total, so two are hidden.
    """
    for name, expression in _CUTS.items():
        rows = con.execute(
            f"WITH strata AS (SELECT e.patient_id, {expression} AS stratum FROM m_eligible e JOIN patients p USING (patient_id) "
            "LEFT JOIN coverage c USING (patient_id) GROUP BY e.patient_id) "
            "SELECT stratum, COUNT(*) FILTER (patient_id IN (SELECT patient_id FROM m_enrolled)), COUNT(*) FROM strata GROUP BY ALL ORDER BY stratum"
        ).fetchall()
        rows.sort(key=lambda row: _PLACES.get(row[0], 0))
        hidden = hidden_cells([(met, every) for _, met, every in rows], small)
        for place, (stratum, met, every) in enumerate(rows):
            yield Cut(name, stratum, None, None) if place in hidden else Cut(name, stratum, met, every)


def hidden_cells(cells: list[tuple[int, int]], small: int) -> set[int]:
    """Places of cells (met, every) that may not be shown."""

    def least(cell: tuple[int, int]) -> int:
        return min([n for n in (cell[0], cell[1] - cell[0], cell[1]) if n] or [0])

    hidden = {place for place, cell in enumerate(cells) if 0 < least(cell) < small}
    if len(hidden) == 1 and len(cells) > 1:
        others = [place for place in range(len(cells)) if place not in hidden]
        hidden.add(min(others, key=lambda place: cells[place][1]))
    return hidden
