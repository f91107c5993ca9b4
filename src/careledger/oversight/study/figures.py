"""The study's figures: each with definition, numerator, denominator and a 95% confidence interval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careledger.oversight.study.definitions import definitions, text_list

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONFIDENCE = 0.95

DEFINITIONS = {
    "eligible": "People of the least age on 1 January who are members in the year and had the least number of the listed conditions diagnosed before it.",
    "any_ccm_rate": "Eligible people with at least one care-management base service in the year, of all eligible people.",
    "months_per_user": "Calendar months with a care-management base service in the year, per eligible user.",
    "claims_per_user": "Lines of CCM codes in the year, per eligible user.",
    "one_month_share": "Eligible users with exactly one month of service in the year, of all eligible users.",
    "code_mix": "Lines of the code, of all lines of CCM codes in the year.",
    "practitioner_share": "Practitioners with a line of CCM in the year, of practitioners with a visit or CCM in the year.",
    "outside_practice_share": "Lines of CCM base codes billed by another practice than the one with most of the person's visits in the year, of such lines of people with a visit.",
    "allowed_per_user": "Allowed dollars of CCM lines in the year, per user.",
    "allowed_per_practitioner": "Allowed dollars of CCM lines in the year, per practitioner who billed any.",
    "repeated_share": "Lines of a base code beyond the first of the person's month (OIG's first test), of all base lines of CCM.",
    "overlap_share": "CCM base lines with a service of the same practitioner in the month that policy never pays beside them (OIG's second test), of all base lines of CCM.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of the study.

    Attributes:
        cut: what the stratum is of, such as ``region``; ``all`` for the whole.
        unit: percent, count, mean or dollars.
        value: None when the denominator is empty.
    """

    id: str
    year: int
    cut: str
    stratum: str
    unit: str
    numerator: float
    denominator: int
    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def says(self) -> str:
        """The definition in words."""
        return DEFINITIONS[self.id]


def share(id_: str, year: int, cut: str, stratum: str, numerator: int, denominator: int) -> Figure:
    """A proportion with Wilson's interval."""
    from scipy.stats import binomtest

    told: dict[str, float | None] = {"value": None, "low": None, "high": None}
    if denominator:
        interval = binomtest(numerator, denominator).proportion_ci(CONFIDENCE, method="wilson")
        told = {"value": 100 * numerator / denominator, "low": 100 * interval.low, "high": 100 * interval.high}
    return Figure(
        id=id_,
        year=year,
        cut=cut,
        stratum=stratum,
        unit="percent",
        numerator=numerator,
        denominator=denominator,
        **told,
    )


def mean(id_: str, year: int, unit: str, total: float, squares: float, count: int) -> Figure:
    """A mean with Student's interval, from the sum and the sum of squares."""
    from scipy.stats import t

    value = low = high = None
    if count:
        value = total / count
        if count > 1:
            spread = math.sqrt(max(squares - count * value * value, 0.0) / (count - 1) / count)
            reach = float(t.ppf((1 + CONFIDENCE) / 2, count - 1)) * spread
            low, high = value - reach, value + reach
    return Figure(
        id=id_,
        year=year,
        cut="all",
        stratum="all",
        unit=unit,
        numerator=total,
        denominator=count,
        value=value,
        low=low,
        high=high,
    )


def prepare(con: DuckDBPyConnection) -> None:
    """Make the tables figures are read from: eligible people, CCM lines, users, attribution."""
    told = definitions()
    con.execute(
        f"""
        CREATE TABLE eligible AS
        SELECT m.person, m.year, m.region, CASE WHEN m.dual IS NULL THEN 'unknown' WHEN m.dual THEN 'dual' ELSE 'not dual' END AS dual,
            CASE WHEN COUNT(*) FILTER (f.kind = 'condition') < 6 THEN '2-5'
                WHEN COUNT(*) FILTER (f.kind = 'condition') < 10 THEN '6-9' ELSE '10+' END AS conditions,
            CASE least(COUNT(*) FILTER (f.kind = 'frailty' AND f.last_day >= make_date(m.year - 1, 1, 1)), 3)
                WHEN 0 THEN 'none' WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'three or more' END AS frailty
        FROM members m JOIN first_seen f ON f.person = m.person AND f.first_day < make_date(m.year, 1, 1)
        WHERE date_sub('year', m.born, make_date(m.year, 1, 1)) >= {told["least_age"]}
            AND (m.died IS NULL OR m.died >= make_date(m.year, 1, 1))
        GROUP BY ALL HAVING COUNT(*) FILTER (f.kind = 'condition') >= {told["least_conditions"]}"""
    )
    users = text_list(told["user_codes"])
    con.execute(
        f"""
        CREATE TABLE ccm AS SELECT s.*, year(day) AS year, month(day) AS month, code IN ({users}) AS is_base,
            practitioner IS NULL AS is_unnamed
        FROM services s JOIN law_codes c USING (code) WHERE c.family = 'ccm' AND c.role IN ('base', 'add_on')"""
    )
    con.execute(
        "CREATE TABLE users AS SELECT person, year, COUNT(DISTINCT month) FILTER (is_base) AS months, COUNT(*) AS claims, "
        "SUM(coalesce(allowed, 0)) AS allowed FROM ccm GROUP BY ALL HAVING bool_or(is_base)"
    )
    con.execute(
        """
        CREATE TABLE attributed AS
        SELECT s.person, year(s.day) AS year, s.practice FROM services s JOIN law_codes c USING (code)
        WHERE c.role = 'visit' AND s.practice IS NOT NULL GROUP BY s.person, year(s.day), s.practice
        QUALIFY row_number() OVER (PARTITION BY s.person, year(s.day)
            ORDER BY COUNT(*) DESC, SUM(coalesce(s.allowed, 0)) DESC, s.practice) = 1"""
    )


SUMS: dict[str, str] = {
    "s_years": """
        SELECT 'members' AS of, year FROM members UNION SELECT 'services', year(day) FROM services""",
    "s_people": """
        SELECT e.year, cut, stratum, COUNT(*) AS people, COUNT(u.person) AS users FROM (
            SELECT person, year, 'all' AS cut, 'all' AS stratum FROM eligible
            UNION ALL SELECT person, year, 'conditions', conditions FROM eligible
            UNION ALL SELECT person, year, 'dual', dual FROM eligible
            UNION ALL SELECT person, year, 'region', region FROM eligible
            UNION ALL SELECT person, year, 'frailty', frailty FROM eligible) e
        LEFT JOIN users u ON u.person = e.person AND u.year = e.year GROUP BY ALL""",
    "s_use": """
        SELECT year, COUNT(*) AS users, SUM(months) AS months, SUM(months * months) AS months2, SUM(claims) AS claims,
            SUM(claims * claims) AS claims2, COUNT(*) FILTER (months = 1) AS ones, SUM(allowed) AS allowed, SUM(allowed * allowed) AS allowed2
        FROM users JOIN eligible USING (person, year) GROUP BY year""",
    "s_mix": "SELECT year, code, COUNT(*) AS lines FROM ccm GROUP BY ALL",
    "s_practitioners": """
        SELECT year, practitioner, MAX(specialty) AS specialty, bool_or(is_seen) AS is_seen, bool_or(bills) AS bills, SUM(allowed) AS allowed FROM (
            SELECT year(day) AS year, practitioner, specialty, TRUE AS is_seen, c.family = 'ccm' AS bills, CAST(NULL AS DOUBLE) AS allowed
            FROM services s JOIN law_codes c USING (code) WHERE c.role = 'visit' OR c.family = 'ccm'
            UNION ALL SELECT year, practitioner, NULL, FALSE, FALSE, coalesce(allowed, 0) FROM ccm)
        WHERE practitioner IS NOT NULL GROUP BY ALL""",
    "s_attributed": """
        SELECT c.year, COUNT(*) AS lines, COUNT(*) FILTER (c.practice <> a.practice) AS outside
        FROM ccm c JOIN attributed a USING (person, year) WHERE c.is_base AND c.practice IS NOT NULL GROUP BY c.year""",
    "s_repeated": """
        SELECT year, SUM(n) AS lines, SUM(n - 1) AS repeated FROM (
            SELECT year, COUNT(*) AS n FROM ccm WHERE is_base GROUP BY year, person, month, code) GROUP BY year""",
    "s_overlapping": """
        SELECT year, COUNT(*) AS overlapping FROM (SELECT row_number() OVER () AS row_no, * FROM ccm WHERE is_base) c
        WHERE EXISTS (SELECT 1 FROM services s JOIN law_pairs p ON p.a = least(s.code, c.code) AND p.b = greatest(s.code, c.code)
            WHERE s.person = c.person AND year(s.day) = c.year AND month(s.day) = c.month AND s.practitioner = c.practitioner
                AND s.code <> c.code AND p.answer = 'no' AND p.relation = 'self' AND p.per = 'month'
                AND greatest(s.day, c.day) BETWEEN p.since AND p.until)
        GROUP BY year""",
    "s_lines": """
        SELECT code, COUNT(*) AS lines FROM services JOIN law_codes USING (code)
        WHERE family IN ('ccm', 'pcm', 'care_plan_oversight', 'tcm', 'apcm') GROUP BY code""",
}
"""What figures are made of, by name: sums over people. Sums of parts of the people add up to the sums of all."""

TOGETHER: dict[str, str] = {
    "s_years": "SELECT DISTINCT of, year FROM {parts}",
    "s_people": "SELECT year, cut, stratum, SUM(people) AS people, SUM(users) AS users FROM {parts} GROUP BY ALL",
    "s_use": "SELECT year, SUM(users) AS users, SUM(months) AS months, SUM(months2) AS months2, SUM(claims) AS claims, "
    "SUM(claims2) AS claims2, SUM(ones) AS ones, SUM(allowed) AS allowed, SUM(allowed2) AS allowed2 FROM {parts} GROUP BY ALL",
    "s_mix": "SELECT year, code, SUM(lines) AS lines FROM {parts} GROUP BY ALL",
    "s_practitioners": "SELECT year, practitioner, MAX(specialty) AS specialty, bool_or(is_seen) AS is_seen, bool_or(bills) AS bills, "
    "SUM(allowed) AS allowed FROM {parts} GROUP BY ALL",
    "s_attributed": "SELECT year, SUM(lines) AS lines, SUM(outside) AS outside FROM {parts} GROUP BY ALL",
    "s_repeated": "SELECT year, SUM(lines) AS lines, SUM(repeated) AS repeated FROM {parts} GROUP BY ALL",
    "s_overlapping": "SELECT year, SUM(overlapping) AS overlapping FROM {parts} GROUP BY ALL",
    "s_lines": "SELECT code, SUM(lines) AS lines FROM {parts} GROUP BY ALL",
}
"""How the sums of parts become those of all; ``{parts}`` is the table of the parts."""


def sum_up(con: DuckDBPyConnection) -> None:
    """Make every table of sums from the tables that ``prepare`` made."""
    for name, sql in SUMS.items():
        con.execute(f"CREATE TABLE {name} AS {sql}")


def years_of(con: DuckDBPyConnection) -> list[int]:
    """Years with members and services."""
    sql = "SELECT year FROM s_years WHERE of = 'members' INTERSECT SELECT year FROM s_years WHERE of = 'services' ORDER BY year"
    return [row[0] for row in con.execute(sql).fetchall()]


def figures(con: DuckDBPyConnection) -> Iterator[Figure]:
    """Every figure of every year, in the order of the report, from the tables of sums."""
    for year in years_of(con):
        yield from _rates(con, year)
        yield from _use(con, year)
        yield from _mix(con, year)
        yield from _practitioners(con, year)
        yield from _attribution(con, year)
        yield from _oig(con, year)


def denominators(con: DuckDBPyConnection) -> Iterator[Figure]:
    """Eligible people of every year with members, whole and by stratum, where nobody's services are known.

    Frailty is left out: its markers are diagnoses of claims.
    """
    sql = "SELECT year FROM s_years WHERE of = 'members' ORDER BY year"
    for (year,) in con.execute(sql).fetchall():
        for cut in ("all", "conditions", "dual", "region"):
            for stratum, people, _ in _people(con, year, cut):
                yield _eligible(year, cut, stratum, people)


def _people(con: DuckDBPyConnection, year: int, cut: str) -> list[tuple[str, int, int]]:
    """Strata of a cut with their eligible people and users; of the whole there is always one."""
    sql = "SELECT stratum, people, users FROM s_people WHERE year = ? AND cut = ? ORDER BY stratum"
    rows = [(stratum, int(people), int(users)) for stratum, people, users in con.execute(sql, [year, cut]).fetchall()]
    return rows or ([("all", 0, 0)] if cut == "all" else [])


def _eligible(year: int, cut: str, stratum: str, people: int) -> Figure:
    return Figure(
        id="eligible",
        year=year,
        cut=cut,
        stratum=stratum,
        unit="count",
        numerator=people,
        denominator=people,
        value=people,
    )


def _rates(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    for cut in ("all", "conditions", "dual", "region", "frailty"):
        rows = _people(con, year, cut)
        if cut == "all":
            yield _eligible(year, cut, "all", rows[0][1])
        for stratum, people, users in rows:
            yield share("any_ccm_rate", year, cut, stratum, users, people)


def _use(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    names = "users, months, months2, claims, claims2, ones, allowed, allowed2"
    rows = con.execute(f"SELECT {names} FROM s_use WHERE year = ?", [year]).fetchall()
    count, *sums = (float(n or 0) for n in (rows[0] if rows else (0,) * 8))
    yield mean("months_per_user", year, "mean", sums[0], sums[1], int(count))
    yield mean("claims_per_user", year, "mean", sums[2], sums[3], int(count))
    yield share("one_month_share", year, "all", "all", int(sums[4]), int(count))
    yield mean("allowed_per_user", year, "dollars", sums[5], sums[6], int(count))


def _mix(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    rows = con.execute("SELECT code, lines FROM s_mix WHERE year = ? ORDER BY code", [year]).fetchall()
    every = sum(int(count) for _, count in rows)
    yield from (share("code_mix", year, "code", code, int(count), every) for code, count in rows)


def _practitioners(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    advanced = text_list(definitions()["advanced_practice_specialties"])
    rows = con.execute(
        f"""
        SELECT CASE WHEN specialty IS NULL THEN 'unknown' WHEN specialty IN ({advanced}) THEN 'NP, PA or CNS' ELSE 'physician' END AS kind,
            COUNT(*), COUNT(*) FILTER (bills) FROM s_practitioners WHERE year = {year} AND is_seen GROUP BY ALL ORDER BY kind"""
    ).fetchall()
    yield from (share("practitioner_share", year, "kind", kind, bills, every) for kind, every, bills in rows)
    count, total, squares = con.execute(
        f"SELECT COUNT(*), coalesce(SUM(allowed), 0), coalesce(SUM(allowed * allowed), 0) FROM s_practitioners "
        f"WHERE year = {year} AND allowed IS NOT NULL"
    ).fetchall()[0]
    yield mean("allowed_per_practitioner", year, "dollars", float(total), float(squares), count)


def _attribution(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    every, outside = _sums(con, "lines, outside", "s_attributed", year)
    yield share("outside_practice_share", year, "all", "all", outside, every)


def _oig(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    every, repeated = _sums(con, "lines, repeated", "s_repeated", year)
    (overlapping,) = _sums(con, "overlapping", "s_overlapping", year)
    yield share("repeated_share", year, "all", "all", repeated, every)
    yield share("overlap_share", year, "all", "all", overlapping, every)


def _sums(con: DuckDBPyConnection, names: str, table: str, year: int) -> tuple[int, ...]:
    """The one row of a year; zeros where there is none."""
    rows = con.execute(f"SELECT {names} FROM {table} WHERE year = {year}").fetchall()
    return tuple(int(n or 0) for n in (rows[0] if rows else (0,) * (names.count(",") + 1)))
