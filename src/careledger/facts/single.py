"""The facts of one case, with the records behind each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from careledger.core.month import Month
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.facts.dates import ServiceDates, service_dates
from careledger.facts.evidence import evidence_of
from careledger.facts.program import run
from careledger.facts.rows import (
    AGENCY_COLUMNS,
    MONTH_COLUMNS,
    PROGRAM_COLUMNS,
    agency_month,
    patient_month,
    program_month,
)
from careledger.facts.schema import Records, create_tables, load_records
from careledger.policy.store import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """One patient's month for one biller: facts, the ids of the records behind each, and the days a claim needs."""

    month: PatientMonth
    evidence: Evidence
    dates: ServiceDates


def facts_for_case(
    records: Records, month: Month, policy: Policy, *, as_of: date | None = None, through: date | None = None
) -> list[tuple[PatientMonth, Evidence]]:
    """Facts and evidence for every row of ``panel``, in its order. See ``case_facts``."""
    return [(case.month, case.evidence) for case in case_facts(records, month, policy, as_of=as_of, through=through)]


def case_facts(
    records: Records, month: Month, policy: Policy, *, as_of: date | None = None, through: date | None = None
) -> list[CaseFacts]:
    """Facts, evidence and dates for every row of ``panel``, in its order.

    Args:
        records: table name to records; tables without rows may be left out. Where staff worked for other patients at the
            same time, those entries (and patients) belong into the records, since a person holds a minute only once.
        month: the service month.
        policy: all of policy.
        as_of: the day of asking; tells whether the month is over.
        through: look at minutes up to this day only, as if nothing had been logged later.
    """
    with duckdb.connect(":memory:", config={"threads": 1}) as con:  # a handful of rows: planning is what costs
        con.execute("BEGIN; PRAGMA disable_optimizer")
        create_tables(con)
        load_records(con, records)
        span = run(con, month, policy, through=through, with_records=True, keep=None)
        evidence, dates = evidence_of(con), service_dates(con, span)
        return [
            CaseFacts(month=fact, evidence=evidence.get(bill, {}), dates=dates[bill])
            for bill, fact in read_months(con, month, as_of)
        ]


def read_months(con: duckdb.DuckDBPyConnection, month: Month, as_of: date | None) -> list[tuple[int, PatientMonth]]:
    """Every patient's month that the program left in the connection, with its number, in the order of ``panel``."""
    programs = _by_bill(con, f"SELECT bill, {', '.join(PROGRAM_COLUMNS)} FROM program_months ORDER BY bill, program_no")
    agencies = _by_bill(con, f"SELECT bill, {', '.join(AGENCY_COLUMNS)} FROM agency_months ORDER BY bill, kind")
    found = con.execute(f"SELECT bill, {', '.join(MONTH_COLUMNS)} FROM months ORDER BY row_no, bill").fetchall()
    return [
        (
            bill,
            patient_month(
                cells, month, map(program_month, programs.get(bill, ())), map(agency_month, agencies.get(bill, ())), as_of
            ),
        )
        for bill, *cells in found
    ]


def _by_bill(con: duckdb.DuckDBPyConnection, sql: str) -> dict[int, list[list[Any]]]:
    groups: dict[int, list[list[Any]]] = defaultdict(list)
    for bill, *cells in con.execute(sql).fetchall():
        groups[bill].append(cells)
    return groups
