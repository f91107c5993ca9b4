"""The facts of one case, with the records behind each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from careledger.core.month import Month
from careledger.core.patient_month import Evidence, PatientMonth
from careledger.facts.dialect import Sqlite
from careledger.facts.evidence import evidence_of
from careledger.facts.program import run
from careledger.facts.rows import read_months
from careledger.facts.schema import Records
from careledger.policy.store import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """One patient's month for one biller: the facts, the ids of the records behind each, and days of acts.

    Attributes:
        own_dates: code to the day of the act it pays for, which its line carries.
    """

    month: PatientMonth
    evidence: Evidence
    own_dates: Mapping[str, date] = field(default_factory=dict)


def facts_for_case(
    records: Records, month: Month, policy: Policy, *, as_of: date | None = None, through: date | None = None
) -> list[tuple[PatientMonth, Evidence]]:
    """Facts and evidence for every row of ``panel``, in its order. See ``case_facts``."""
    return [(case.month, case.evidence) for case in case_facts(records, month, policy, as_of=as_of, through=through)]


def case_facts(
    records: Records, month: Month, policy: Policy, *, as_of: date | None = None, through: date | None = None
) -> list[CaseFacts]:
    """Facts and evidence for every row of ``panel``, in its order.

    Args:
        records: table name to records; tables without rows may be left out. Where staff worked for other patients at the
            same time, those entries (and patients) belong into the records, since a person holds a minute only once.
        month: the service month.
        policy: all of policy.
        as_of: the day of asking; tells whether the month is over.
        through: look at minutes up to this day only, as if nothing had been logged later.
    """
    base = Sqlite()
    try:
        base.load(records)
        run(base, month, policy, through=through, with_records=True, keep=None)
        evidence = evidence_of(base, records)
        dates: defaultdict[int, dict[str, date]] = defaultdict(dict)
        for bill, code, day in base.execute("SELECT bill, code, on_day FROM own_dates").fetchall():
            dates[bill][code] = date.fromisoformat(day)
        return [
            CaseFacts(month=fact, evidence=evidence.get(bill, {}), own_dates=dates[bill])
            for bill, fact in read_months(base, month, as_of)
        ]
    finally:
        base.close()
