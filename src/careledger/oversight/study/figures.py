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


def years_of(con: DuckDBPyConnection) -> list[int]:
    """Years with members and services."""
    sql = "SELECT DISTINCT year FROM members WHERE year IN (SELECT DISTINCT year(day) FROM services) ORDER BY year"
    return [row[0] for row in con.execute(sql).fetchall()]


def figures(con: DuckDBPyConnection) -> Iterator[Figure]:
    """Every figure of every year, in the order of the report."""
    for year in years_of(con):
        yield from _rates(con, year)
        yield from _use(con, year)
        yield from _mix(con, year)
        yield from _practitioners(con, year)
        yield from _attribution(con, year)
        yield from _oig(con, year)


def _rates(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    for cut in ("'all'", "conditions", "dual", "region", "frailty"):
        rows = con.execute(
            f"SELECT {cut} AS stratum, COUNT(*), COUNT(u.person) FROM eligible e LEFT JOIN users u USING (person, year) "
            f"WHERE e.year = {year} GROUP BY ALL ORDER BY stratum"
        ).fetchall()
        if cut == "'all'":
            people, users = (rows[0][1], rows[0][2]) if rows else (0, 0)
            yield Figure(
                id="eligible",
                year=year,
                cut="all",
                stratum="all",
                unit="count",
                numerator=people,
                denominator=people,
                value=people,
            )
            rows = [("all", people, users)]
        for stratum, people, users in rows:
            yield share("any_ccm_rate", year, cut.strip("'"), stratum, users, people)


def _use(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    count, *sums = con.execute(
        f"""SELECT COUNT(*), coalesce(SUM(months), 0), coalesce(SUM(months * months), 0), coalesce(SUM(claims), 0),
            coalesce(SUM(claims * claims), 0), COUNT(*) FILTER (months = 1), coalesce(SUM(allowed), 0), coalesce(SUM(allowed * allowed), 0)
        FROM users JOIN eligible USING (person, year) WHERE year = {year}"""
    ).fetchall()[0]
    yield mean("months_per_user", year, "mean", float(sums[0]), float(sums[1]), count)
    yield mean("claims_per_user", year, "mean", float(sums[2]), float(sums[3]), count)
    yield share("one_month_share", year, "all", "all", sums[4], count)
    yield mean("allowed_per_user", year, "dollars", float(sums[5]), float(sums[6]), count)


def _mix(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    rows = con.execute(f"SELECT code, COUNT(*) FROM ccm WHERE year = {year} GROUP BY ALL ORDER BY code").fetchall()
    every = sum(count for _, count in rows)
    yield from (share("code_mix", year, "code", code, count, every) for code, count in rows)


def _practitioners(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    advanced = text_list(definitions()["advanced_practice_specialties"])
    rows = con.execute(
        f"""
        SELECT CASE WHEN specialty IS NULL THEN 'unknown' WHEN specialty IN ({advanced}) THEN 'NP, PA or CNS' ELSE 'physician' END AS kind,
            COUNT(*), COUNT(*) FILTER (bills) FROM (
            SELECT practitioner, MAX(specialty) AS specialty, bool_or(c.family = 'ccm') AS bills FROM services s JOIN law_codes c USING (code)
            WHERE year(day) = {year} AND practitioner IS NOT NULL AND (c.role = 'visit' OR c.family = 'ccm') GROUP BY practitioner)
        GROUP BY ALL ORDER BY kind"""
    ).fetchall()
    yield from (share("practitioner_share", year, "kind", kind, bills, every) for kind, every, bills in rows)
    count, total, squares = con.execute(
        f"SELECT COUNT(*), coalesce(SUM(a), 0), coalesce(SUM(a * a), 0) FROM (SELECT SUM(coalesce(allowed, 0)) AS a FROM ccm "
        f"WHERE year = {year} AND practitioner IS NOT NULL GROUP BY practitioner)"
    ).fetchall()[0]
    yield mean("allowed_per_practitioner", year, "dollars", float(total), float(squares), count)


def _attribution(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    every, outside = con.execute(
        f"SELECT COUNT(*), COUNT(*) FILTER (c.practice <> a.practice) FROM ccm c JOIN attributed a USING (person, year) "
        f"WHERE c.year = {year} AND c.is_base AND c.practice IS NOT NULL"
    ).fetchall()[0]
    yield share("outside_practice_share", year, "all", "all", outside, every)


def _oig(con: DuckDBPyConnection, year: int) -> Iterator[Figure]:
    every = con.execute(f"SELECT COUNT(*) FROM ccm WHERE year = {year} AND is_base").fetchall()[0][0]
    repeated = con.execute(
        f"SELECT coalesce(SUM(n - 1), 0) FROM (SELECT COUNT(*) AS n FROM ccm WHERE year = {year} AND is_base GROUP BY person, month, code)"
    ).fetchall()[0][0]
    overlapping = con.execute(
        f"""
        SELECT COUNT(*) FROM (SELECT row_number() OVER () AS row_no, * FROM ccm WHERE year = {year} AND is_base) c
        WHERE EXISTS (SELECT 1 FROM services s JOIN law_pairs p ON p.a = least(s.code, c.code) AND p.b = greatest(s.code, c.code)
            WHERE s.person = c.person AND year(s.day) = c.year AND month(s.day) = c.month AND s.practitioner = c.practitioner
                AND s.code <> c.code AND p.answer = 'no' AND p.relation = 'self' AND p.per = 'month'
                AND greatest(s.day, c.day) BETWEEN p.since AND p.until)"""
    ).fetchall()[0][0]
    yield share("repeated_share", year, "all", "all", int(repeated), every)
    yield share("overlap_share", year, "all", "all", overlapping, every)
