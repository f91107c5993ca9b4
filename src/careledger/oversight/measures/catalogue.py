"""Every measure: its definition, and the one query from which its numerator, denominator and patients all come.

A query gives ``unit`` (the patient, goal or claim counted) and ``met`` (is it in the numerator); its rows are the
denominator. So a number can always be opened to who stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure.

    Attributes:
        group: funnel, retention, goals, gaps or money.
        says: the definition in words.
        published: id of a published figure in policy to hold it against.
        needs: what must be there beside the tables: ``decisions``, ``claims`` or ``invitations``.
    """

    id: str
    group: str
    says: str
    sql: str
    published: str = ""
    needs: str = ""


_IN = "patient_id IN (SELECT patient_id FROM {})"
MEASURES = (
    Measure(id="eligible", group="funnel", says="Living patients of the panel with two or more conditions held chronic, expected to last and of significant risk, of all living patients of the panel",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_eligible')} AS met FROM m_panel"),
    Measure(id="invited", group="funnel", says="Eligible patients who were invited to CCM by the month's end, of eligible patients", needs="invitations",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_invited')} AS met FROM m_eligible"),
    Measure(id="consented", group="funnel", says="Eligible patients with a documented consent to CCM in force at the month's end, of eligible patients",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_consented')} AS met FROM m_eligible"),
    Measure(id="enrolled", group="funnel", says="Eligible patients enrolled in CCM (by enrolment, else by consent) at the month's end, of eligible patients",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_enrolled')} AS met FROM m_eligible", published="any_ccm_rate_2019_percent"),
    Measure(id="with_plan", group="funnel", says="Enrolled patients with a care plan established by the month's end, of enrolled patients",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_planned')} AS met FROM m_enrolled"),
    Measure(id="active", group="funnel", says="Enrolled patients with work logged to CCM in the month, of enrolled patients",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_active')} AS met FROM m_enrolled"),
    Measure(id="billable", group="funnel", says="Active patients for whom the close bills a CCM code, of active patients", needs="decisions",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_billable')} AS met FROM m_active"),
    Measure(id="billed", group="funnel", says="Billable patients with a claim of the month sent, of billable patients", needs="claims",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_billed')} AS met FROM m_billable"),
    Measure(id="paid", group="funnel", says="Billed patients with a payment above nothing on a claim of the month, of billed patients", needs="claims",
        sql=f"SELECT patient_id AS unit, {_IN.format('m_paid')} AS met FROM m_billed"),
    Measure(id="one_month_only", group="retention", says="Patients whose first month of logged CCM lies before this one and who had no second month by now, of patients whose first month lies before this one",
        sql="SELECT patient_id AS unit, COUNT(DISTINCT month_no) = 1 AS met FROM m_work GROUP BY patient_id HAVING MIN(month_no) < getvariable('month_no')",
        published="one_month_percent"),
    Measure(id="goals_met", group="goals", says="Goals of enrolled patients marked achieved, of their goals",
        sql=f"SELECT goal_id AS unit, coalesce(status = 'achieved', false) AS met FROM goals WHERE {_IN.format('m_enrolled')}"),
    Measure(id="goals_at_risk", group="goals", says="Goals marked worsening, not achieved or not attainable, of goals of enrolled patients",
        sql=f"SELECT goal_id AS unit, coalesce(status IN ('worsening', 'not-achieved', 'no-progress', 'not-attainable'), false) AS met FROM goals WHERE {_IN.format('m_enrolled')}"),
    Measure(id="goals_stale", group="goals", says="Goals not achieved whose target date has passed or that were never reviewed, of goals of enrolled patients",
        sql=f"SELECT goal_id AS unit, coalesce(status, '') <> 'achieved' AND (reviewed_on IS NULL OR coalesce(due_on < getvariable('last_on'), false)) AS met FROM goals WHERE {_IN.format('m_enrolled')}"),
    Measure(id="no_contact", group="gaps", says="Enrolled patients without any work logged in the month, of enrolled patients",
        sql=f"SELECT patient_id AS unit, NOT {_IN.format('m_active')} AS met FROM m_enrolled"),
    Measure(id="no_copy", group="gaps", says="Enrolled patients with a plan whose copy was never given, of enrolled patients with a plan",
        sql="SELECT e.patient_id AS unit, bool_and(p.copy_given_on IS NULL) AS met FROM m_enrolled e JOIN care_plans p USING (patient_id) GROUP BY ALL"),
    Measure(id="plan_unreviewed", group="gaps", says="Enrolled patients whose plan was never reviewed or revised after it was established, of enrolled patients with a plan",
        sql="SELECT e.patient_id AS unit, bool_and(coalesce(p.reviewed_on, p.revised_on, p.established_on) <= p.established_on) AS met "
        "FROM m_enrolled e JOIN care_plans p USING (patient_id) GROUP BY ALL"),
    Measure(id="claims_denied", group="money", says="Claims of the month answered by a remittance that pays nothing, of claims answered", needs="claims",
        sql="SELECT claim_id AS unit, SUM(paid_cents) = 0 AS met FROM m_remitted GROUP BY claim_id"),
)  # fmt: skip

COHORTS = {
    "m_panel": "SELECT DISTINCT p.patient_id FROM patients p JOIN panel USING (patient_id) WHERE died_on IS NULL OR died_on > getvariable('last_on')",
    "m_eligible": "SELECT c.patient_id FROM conditions c JOIN m_panel USING (patient_id) WHERE chronic AND expected_months >= getvariable('least_months') "
    "AND significant_risk AND (since IS NULL OR since <= getvariable('last_on')) AND (until IS NULL OR until > getvariable('last_on')) "
    "GROUP BY c.patient_id HAVING COUNT(DISTINCT icd10) >= getvariable('least_conditions')",
    "m_consented": "SELECT DISTINCT patient_id FROM consents WHERE program = 'ccm' AND given_on <= getvariable('last_on') AND coalesce(documented, false) "
    "AND (revoked_on IS NULL OR last_day(revoked_on) > getvariable('last_on'))",
    "m_enrolled": "SELECT DISTINCT patient_id FROM (SELECT patient_id FROM m_consented UNION SELECT patient_id FROM enrolments WHERE program = 'ccm' "
    "AND started_on <= getvariable('last_on')) JOIN m_panel USING (patient_id)",
    "m_planned": "SELECT DISTINCT patient_id FROM care_plans WHERE established_on <= getvariable('last_on')",
    "m_work": 'SELECT patient_id, "by", activity, coalesce(seconds, end_s - start_s) AS seconds, '
    'year(coalesce("on", CAST(to_timestamp(start_s) AS DATE))) * 12 + month(coalesce("on", CAST(to_timestamp(start_s) AS DATE))) AS month_no '
    "FROM time_entries WHERE list_contains(string_split(programs, ' '), 'ccm')",
    "m_active": "SELECT DISTINCT patient_id FROM m_work JOIN m_enrolled USING (patient_id) WHERE month_no = getvariable('month_no')",
}
"""Groups of patients that measures are made of, in the order in which they are built."""
