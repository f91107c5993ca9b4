"""Which records stand behind each fact of a case; asked for single cases only."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from careledger.core.patient_month import Evidence
from careledger.facts.dialect import Database
from careledger.facts.schema import Records

_PLAN_FACTS = ("plan_exists", "plan_signed", "plan_copy_given", "plan_lacks", "plan_reviewed", "plan_revision")
_AGENCY_FACTS = (
    "kind", "medicare_covered", "signed_by_biller", "agency_npi_known", "financial_interest", "employed_by_agency",
    "coordinated", "started_in_month", "prior_service_within_60_days", "recertified_in_month", "days_of_service",
)  # fmt: skip
_CLOCKS = {1: ("staff_s", "team_s"), 2: ("own_s", "team_s"), 3: ("team_s",)}

_PIECES = """
SELECT DISTINCT k.bill, r.program, k.role_no, n.reason, e.entry_id, k.entry_no, k.is_contact
FROM (
  SELECT bill, program_no, role_no, entry_no, reason_no, is_contact FROM day_pieces
  UNION ALL
  SELECT p.bill, p.program_no, p.role_no, p.entry_no, p.reason_no, p.is_contact
  FROM pieces AS p LEFT JOIN parted AS d ON d.bill = p.bill AND d.program_no = p.program_no
  WHERE d.bill IS NULL AND p.start_s < p.end_s
  UNION ALL
  SELECT bill, program_no, role_no, entry_no, (SELECT reason_no FROM rule_reasons WHERE reason = 'same_person_twice'), FALSE
  FROM pieces WHERE logged_s < start_s
  UNION ALL
  SELECT bill, program_no, role_no, entry_no, reason_no, is_contact FROM untimed_days
) AS k
JOIN rule_programs AS r ON r.program_no = k.program_no
JOIN time_entries AS e ON e.rowid = k.entry_no
LEFT JOIN closed_months AS m ON m.bill = k.bill AND m.program_no = k.program_no
LEFT JOIN rule_reasons AS n ON n.reason_no = LEAST(k.reason_no, COALESCE(m.reason_no, k.reason_no))
ORDER BY k.bill, k.entry_no
"""

_ROWS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("patients", ("died", "residence", "complex_multidisciplinary_care", "days_alive"),
     "SELECT b.bill, p.rowid FROM bills b JOIN patients p ON p.patient_id = b.patient_id"),
    ("people", ("biller_kind", "biller_specialty", "in_global_period", "biller_outside_us"),
     "SELECT b.bill, p.rowid FROM bills b JOIN people p ON p.person_id = b.biller_id"),
    ("practices", ("access_24_7", "certified_ehr", "setting", "locality", "prefers"),
     "SELECT b.bill, g.rowid FROM bills b JOIN people p ON p.person_id = b.biller_id "
     "JOIN practices g ON g.practice_id = p.practice_id"),
    ("panel", ("elects",), "SELECT bill, row_no FROM bills"),
    ("coverage", ("payer", "payer_kind", "plan", "part_b", "qmb"),
     "SELECT b.bill, c.row_no FROM bills b JOIN payers c ON c.patient_id = b.patient_id"),
    ("conditions", ("chronic_conditions", "chronic_conditions_possible", "significant_risk", "complex_condition",
      "serious_condition", "chronic_pain"),
     "SELECT b.bill, c.rowid FROM bills b JOIN conditions c ON c.patient_id = b.patient_id AND COALESCE(c.chronic, TRUE)"),
    ("stays", ("days_in_facility", "whole_month_in_facility", "facility_paid_for_care_management"),
     "SELECT b.bill, s.rowid FROM bills b JOIN stays s ON s.patient_id = b.patient_id "
     "JOIN (SELECT MIN(day_on) f, MAX(day_on) l FROM days) d ON s.since <= d.l AND COALESCE(s.until >= d.f, TRUE)"),
    ("decision_making", ("mdm",),
     "SELECT b.bill, d.rowid FROM bills b JOIN decision_making d ON d.patient_id = b.patient_id "
     "AND d.practitioner = b.biller_id JOIN decisions_made m ON m.patient_id = d.patient_id AND m.month = d.month"),
    ("extra_planning", ("extra_planning",),
     "SELECT b.bill, e.rowid FROM bills b JOIN extra_planning e ON e.patient_id = b.patient_id AND e.\"by\" = b.biller_id"),
    ("other_claims", ("billed", "extra_planning_billed_before"), "SELECT bill, row_no FROM billed"),
    ("devices", ("devices",), "SELECT bill, row_no FROM device_months"),
    ("discharges", ("discharges",), "SELECT bill, row_no FROM discharge_days"),
    ("behavioral", tuple(f"behavioral.{name}" for name in (
        "diagnosis", "initiating_month", "validated_scale", "consultant_named", "service", "elements_documented")),
     "SELECT b.bill, h.rowid FROM bills b JOIN behavioral h ON h.patient_id = b.patient_id"),
    ("panel", ("primary_care.focal_point", "primary_care.able_to_furnish_all", "primary_care.quality_reporting"),
     "SELECT bill, row_no FROM bills"),
    ("visits", ("seen_in_person", "visit_codes", "visit_within_6_months"), "SELECT bill, row_no FROM seen WHERE is_own"),
)  # fmt: skip

_BY_PROGRAM: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("consents", ("consent", "consent_lacks"), "SELECT bill, program_no, row_no FROM consent_ranked WHERE place = 1"),
    ("care_plans", _PLAN_FACTS, "SELECT bill, program_no, row_no FROM plans_ranked WHERE place = 1"),
    ("visits", ("initiating",),
     "SELECT i.bill, i.program_no, v.row_no FROM initiating i JOIN seen v ON v.bill = i.bill AND v.is_circle"),
)  # fmt: skip

_Found = dict[str, dict[str, None]]


def evidence_of(base: Database, records: Records) -> dict[int, Evidence]:
    """For every bill: fact to record ids, from the tables the program leaves when it keeps them all."""
    found: dict[int, _Found] = defaultdict(lambda: defaultdict(dict))
    for table, facts, sql in _ROWS:
        for bill, row in _asked(base, records, table, f"{sql} ORDER BY 1, 2"):
            _put(found[bill], facts, f"{table}[{row}]")
    names = dict(base.execute("SELECT program_no, program FROM rule_programs").fetchall())
    for table, facts, sql in _BY_PROGRAM:
        for bill, program_no, row in _asked(base, records, table, f"{sql} ORDER BY 1, 2, 3"):
            _put(found[bill], [f"{names[program_no]}.{fact}" for fact in facts], f"{table}[{row}]")
    episodes = "SELECT bill, kind, row_no FROM episodes WHERE place = 1 ORDER BY 1, 2"
    for bill, kind, row in _asked(base, records, "agency_episodes", episodes):
        _put(found[bill], [f"{kind}.{fact}" for fact in _AGENCY_FACTS], f"agency_episodes[{row}]")
    _time(base, found)
    return {bill: {fact: tuple(ids) for fact, ids in facts.items()} for bill, facts in found.items()}


def _asked(base: Database, records: Records, table: str, sql: str) -> list[Any]:
    """The query's rows; nothing is asked of a table without records."""
    return base.execute(sql).fetchall() if records.get(table) else []


def _time(base: Database, found: dict[int, _Found]) -> None:
    """Time entries by the clock they count on, or by the reason they do not."""
    for bill, program, role, reason, entry, _, contact in base.execute(_PIECES).fetchall():
        facts = [f"{program}.logged_s"]
        if reason is not None:
            facts.append(f"{program}.lost.{reason}")
            facts += [f"{program}.curable_s"] if reason in ("activity_unknown", "not_documented") else []
        else:
            facts += [f"{program}.{clock}" for clock in _CLOCKS[role]]
            facts += [f"{program}.patient_contact"] if contact else []
        _put(found[bill], facts, entry)


def _put(found: _Found, facts: tuple[str, ...] | list[str], record: str) -> None:
    for fact in facts:
        found[fact][record] = None
