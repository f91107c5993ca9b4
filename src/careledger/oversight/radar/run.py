"""The radar itself: read claims and records, ask every question that can be asked, say which could not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from careledger.core.errors import InputError, Place
from careledger.oversight.radar import claim_checks, minute_checks, record_checks
from careledger.oversight.radar.check import FINDING_COLUMNS, SEVERITIES, Check, Finding
from careledger.oversight.radar.law import cited, load_law
from careledger.oversight.radar.other_sources import read_837_claims, read_table_claims
from careledger.oversight.radar.reading import ClaimsRead, read_csv_claims

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.policy import Policy, PolicyView

CHECKS: tuple[Check, ...] = (*claim_checks.CHECKS, *record_checks.CHECKS, *minute_checks.CHECKS)
_NUMBERS = (
    "just_over_minutes", "just_over_percent", "just_over_least", "same_note_patients", "working_day_minutes",
    "night_from_hour", "night_until_hour",
)  # fmt: skip
_ZONE = "coalesce((SELECT r.time_zone FROM people p JOIN practices r USING (practice_id) WHERE p.person_id = t.\"by\"), 'America/New_York')"


@dataclass(slots=True)
class Radar:
    """What the radar read, asked and found."""

    read: ClaimsRead
    asked: list[Check] = field(default_factory=list)
    not_asked: list[tuple[Check, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    record_lines: list[str] = field(default_factory=list)

    def count(self, check: str) -> int:
        """Findings of one question."""
        return sum(finding.check == check for finding in self.findings)


def scan(
    con: DuckDBPyConnection,
    claims: Path,
    policy: Policy,
    today: date,
    *,
    records: Path | None = None,
    credentials: Path | None = None,
) -> Radar:
    """Ask every question of claims, and of the practice's record when there is one.

    Args:
        con: an empty connection; its tables hold lines and findings afterwards.
        claims: a CSV (plain or gzipped), an 837P, or a folder of our tables.
        policy: all of policy.
        today: the day of asking.
        records: the folder of tables with consents, plans and time; the claims' own folder when that is one.
        credentials: CSV of person_id, credential, since, until.

    Raises:
        InputError: a file cannot be used at all.
    """
    load_law(con, policy, today)
    folder = records or (claims if claims.is_dir() else None)
    told = _open_records(con, folder, today, credentials) if folder else []
    radar = Radar(_read(con, claims, policy, today), record_lines=told)
    return _asked(con, policy, today, radar, has_records=folder is not None)


def scan_tables(con: DuckDBPyConnection, source: str, policy: Policy, today: date) -> Radar:
    """Ask every question of a connection that holds the practice's tables already, as the clinic application's does.

    Args:
        source: what the tables are, in words.
    """
    load_law(con, policy, today)
    _log_tables(con)
    return _asked(con, policy, today, Radar(read_table_claims(con, source, today)), has_records=True)


def _asked(con: DuckDBPyConnection, policy: Policy, today: date, radar: Radar, *, has_records: bool) -> Radar:
    """The radar with every question asked."""
    _deaths(con, has_records=has_records)
    con.execute(claim_checks.TESTED)
    view = policy.on(today)
    for name in _NUMBERS:
        con.execute(f"SET VARIABLE {name} = {view.number(f'house.radar.{name}')}")
    con.execute(f"CREATE TABLE findings (check_id VARCHAR, severity VARCHAR, {FINDING_COLUMNS}, mend VARCHAR)")
    there = {row[0] for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    for check in CHECKS:
        _ask(con, check, there, radar)
    radar.findings = _findings(con, view)
    return radar


def _read(con: DuckDBPyConnection, claims: Path, policy: Policy, today: date) -> ClaimsRead:
    if claims.is_dir():
        return read_table_claims(con, str(claims), today)
    with claims.open("rb") as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        read_837_claims(con, claims, policy, today) if start.startswith(b"ISA") else read_csv_claims(con, claims, today)
    )


def _open_records(con: DuckDBPyConnection, folder: Path, today: date, credentials: Path | None) -> list[str]:
    """Bring the record in: tables, the log with its days and local hours, credentials, holidays."""
    from careledger.facts.tables import open_folder

    told = open_folder(con, folder, as_of=today).lines()
    _log_tables(con)
    if credentials is not None:
        _read_credentials(con, credentials)
    return told


def _log_tables(con: DuckDBPyConnection) -> None:
    """The log with its days and local hours, holidays, and an empty list of credentials."""
    import holidays

    con.execute(
        f"""
        CREATE TABLE log AS SELECT entry_id, patient_id, "by", programs, start_s, end_s, note, part_of_visit,
            coalesce(seconds, end_s - start_s) AS seconds, coalesce("on", CAST(local_at AS DATE)) AS day, hour(local_at) AS hour,
            year(coalesce("on", CAST(local_at AS DATE))) * 12 + month(coalesce("on", CAST(local_at AS DATE))) AS month_no
        FROM (SELECT t.*, timezone({_ZONE}, to_timestamp(t.start_s)) AS local_at FROM time_entries t)"""
    )
    con.execute("CREATE TABLE holidays (day DATE)")
    years = [row[0] for row in con.execute("SELECT DISTINCT year(day) FROM log WHERE day IS NOT NULL").fetchall()]
    con.execute("INSERT INTO holidays SELECT UNNEST(?::DATE[])", [sorted(holidays.country_holidays("US", years=years))])
    con.execute("CREATE TABLE credentials (person_id VARCHAR, credential VARCHAR, since DATE, until DATE)")


def _read_credentials(con: DuckDBPyConnection, file: Path) -> None:
    try:
        con.execute(
            "INSERT INTO credentials SELECT person_id, credential, since, until FROM read_csv(?, header = true, "
            "columns = {'person_id': 'VARCHAR', 'credential': 'VARCHAR', 'since': 'DATE', 'until': 'DATE'})",
            [str(file)],
        )
    except duckdb.Error:
        raise InputError(
            Place(file.name),
            "no list of credentials",
            "give the columns person_id, credential, since, until (YYYY-MM-DD)",
        ) from None


def _deaths(con: DuckDBPyConnection, *, has_records: bool) -> None:
    known = "UNION ALL SELECT patient_id, died_on FROM patients" if has_records else ""
    con.execute(
        f"CREATE TABLE deaths AS SELECT patient_id, MIN(died_on) AS died_on FROM (SELECT patient_id, died_on FROM lines {known}) "
        "WHERE died_on IS NOT NULL GROUP BY patient_id"
    )


def _ask(con: DuckDBPyConnection, check: Check, there: set[str], radar: Radar) -> None:
    missing = [table for table in check.needs if table not in there]
    if missing:
        radar.not_asked.append(
            (
                check,
                "needs days of death in the file"
                if check.needs == ("deaths",)
                else "needs the practice's record: give --records",
            )
        )
        return
    con.execute(
        f"INSERT INTO findings SELECT '{check.id}', '{check.severity}', q.*, ? FROM ({check.sql}) q", [check.mend]
    )
    radar.asked.append(check)


def _findings(con: DuckDBPyConnection, view: PolicyView) -> list[Finding]:
    """Findings, the gravest first; one whose question names no source is cited as its rule is."""
    order = " ".join(f"WHEN '{severity}' THEN {place}" for place, severity in enumerate(SEVERITIES))
    rows = con.execute(
        "SELECT check_id, severity, coalesce(patient, ''), coalesce(who, ''), coalesce(period, ''), evidence, detail, rule, "
        f"cite, mend, refund_rows FROM findings ORDER BY CASE severity {order} END, check_id, period, patient, evidence"
    ).fetchall()
    names = ("check", "severity", "patient", "who", "period", "evidence", "detail", "rule", "cite", "mend")
    found = [Finding(**dict(zip(names, row[:-1], strict=True)), refund_rows=tuple(row[-1] or ())) for row in rows]
    cites = {rule: cited(value) for rule in {one.rule for one in found} if (value := view.find(rule)) is not None}
    return [one if one.cite else replace(one, cite=cites[one.rule]) for one in found]
