"""A made-up population as Parquet: a million patients and ten million time entries, or any other size, from a seed.

Prevalence of conditions is that of Medicare fee-for-service beneficiaries in 2019 (CMS Chronic Conditions, table B.2a); drawn
independently, so that about two thirds have two or more. **Everything else is assumed**, because no distribution has been
published: how many minutes are logged and by whom, overlaps, stays, consents, plans, payers. The same seed gives the same
files under the same version of DuckDB.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from careledger.core.month import Month
from careledger.facts.schema import columns_of

PREVALENCE = (
    ("I10", 59.0), ("E78.5", 50.0), ("M19.90", 35.2), ("I25.10", 27.8), ("E11.9", 27.5), ("N18.30", 26.0), ("D64.9", 22.6),
    ("F32.A", 19.4), ("E03.9", 16.5), ("I50.9", 14.6),
)  # fmt: skip
"""Percent of beneficiaries with a condition (published)."""

ASSUMED = {
    "patients in a practice": 250,
    "entries a patient, median of those with any": 7.6,
    "entries a patient, spread (log-normal sigma)": 0.84,
    "patients without an entry, percent": 10,
    "minutes an entry, median": 3.0,
    "minutes an entry, spread (log-normal sigma)": 0.7,
    "entries by the patient's own care manager, percent": 75,
    "entries by the biller in person, percent": 5,
    "entries by a clerk, percent": 1,
    "entries that start before the person's last one ended, percent": 3,
    "entries with a second person at the same time, percent": 4,
    "entries without clock times, percent": 2,
    "entries of a wording nobody knows, percent": 2,
    "entries that are failed attempts, percent": 10,
    "patients in hospital in the month, percent": 2.5,
    "patients who died in the month, percent": 0.4,
    "patients on whom flaws of the record fall, percent": 25,
    "patients with a consent, percent": 94,
    "patients with a care plan, percent": 92,
    "consents, plans and conditions with a flaw, each kind, percent": "2 to 10",
    "consents of this month, percent": 2,
    "patients of a second practitioner, percent": 1,
    "practices served by an outside company's nurses, percent": 5,
}
"""What is assumed, to be shown beside every figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How much to draw.

    Attributes:
        entries: how many time entries on average per patient times patients; the draw comes within a percent.
    """

    patients: int = 1_000_000
    entries: int = 10_000_000
    month: Month = Month(2026, 10)
    seed: int = 1


def generate(population: Population, folder: Path) -> float:
    """Write the population's tables as Parquet into a folder; the seconds it took."""
    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:", config={"temp_directory": str(folder / ".spill"), "memory_limit": "3GB"}) as con:
        con.execute("SET enable_progress_bar = false")
        _macros(con, population)
        for name, sql in _TABLES.items():
            con.execute(f"CREATE TEMP TABLE {name} AS {_filled(sql, population)}")
        for table, sql in _WRITTEN.items():
            chosen = f"SELECT {_columns(table)} FROM ({_filled(sql, population)})"
            con.execute(f"COPY ({chosen}) TO '{folder / table}.parquet' (FORMAT PARQUET, ROW_GROUP_SIZE 122880)")
    return time.perf_counter() - start


def _macros(con: duckdb.DuckDBPyConnection, population: Population) -> None:
    """Numbers drawn from an id, a purpose and the seed: uniform, and standard normal (Box-Muller); flaws of a record, which
    fall on one patient in four."""
    con.execute(f"""
        CREATE MACRO u(id, purpose) AS (hash(id, purpose, {population.seed}) % 9007199254740992) / 9007199254740992.0;
        CREATE MACRO z(id, purpose) AS sqrt(-2 * ln(greatest(u(id, purpose), 1e-12))) * cos(6.283185307179586 * u(id, purpose || '2'));
        CREATE MACRO flaw(n, purpose, share) AS u(n, 'flawed') < 0.25 AND u(n, purpose) < share * 4;
        CREATE MACRO pick(id, purpose, n) AS CAST(floor(u(id, purpose) * n) AS INTEGER);
    """)


def _filled(sql: str, population: Population) -> str:
    month = population.month
    scale = population.entries / population.patients / 10
    return sql.format(
        patients=population.patients,
        practices=max(1, population.patients // 250),
        scale=scale,
        first=month.first_on,
        last=month.last_on,
        days=month.days,
        before=month.first_on - timedelta(days=400),
        month=month,
        noon=int((month.first_on - date(1970, 1, 1)).days) * 86400 + 12 * 3600,
    )


def _columns(table: str) -> str:
    """All columns of a table; what the draw does not name is unknown."""
    given = _GIVEN[table]
    return ", ".join(
        f'"{name}"' if name in given else f'CAST(NULL AS {type_}) AS "{name}"' for name, type_ in columns_of(table)
    )


_TABLES = {
    "place": """
        SELECT n AS practice, 'g' || lpad(CAST(n AS VARCHAR), 5, '0') AS practice_id,
          ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles'][1 + pick(n, 'zone', 5)] AS time_zone,
          u(n, 'company') < 0.05 AS outsourced
        FROM range({practices}) AS r(n)
    """,
    "staff": """
        SELECT practice, practice_id, outsourced, slot, 'n' || lpad(CAST(practice * 8 + slot AS VARCHAR), 7, '0') AS person_id,
          CASE WHEN slot = 0 THEN 'physician' WHEN slot = 1 THEN ['np', 'physician', 'pa'][1 + pick(practice, 'second', 3)]
            WHEN slot = 6 THEN 'clerical' ELSE ['rn', 'lpn', 'ma', 'ma', 'pharmacist'][1 + pick(practice * 8 + slot, 'kind', 5)] END AS kind
        FROM place, range(7) AS s(slot)
        WHERE slot <> 5 OR u(practice, 'four') < 0.5
    """,
    "company": """
        SELECT n AS company, 'c' || lpad(CAST(n AS VARCHAR), 5, '0') AS practice_id, slot,
          'x' || lpad(CAST(n * 8 + slot AS VARCHAR), 7, '0') AS person_id
        FROM range(greatest(1, {practices} // 200)) AS r(n), range(6) AS s(slot)
    """,
    "person": """
        SELECT n, 'p' || lpad(CAST(n AS VARCHAR), 8, '0') AS patient_id, p.practice, p.practice_id, p.outsourced, p.time_zone,
          'n' || lpad(CAST(p.practice * 8 + CASE WHEN u(n, 'biller') < 0.7 THEN 0 ELSE 1 END AS VARCHAR), 7, '0') AS biller_id,
          CASE WHEN u(n, 'died') < 0.004 THEN DATE '{first}' + pick(n, 'diedon', {days}) END AS died_on,
          CASE WHEN u(n, 'any') < 0.10 THEN 0
            ELSE CAST(least(375, greatest(1, floor({scale} * 7.57 * exp(0.84 * z(n, 'many')) + u(n, 'round')))) AS INTEGER) END AS entries,
          u(n, 'cpo') < 0.02 AS oversees
        FROM (SELECT CAST(i AS BIGINT) AS n, CAST(i AS BIGINT) * {practices} // {patients} AS practice_at FROM range({patients}) AS r(i))
        JOIN place AS p ON p.practice = practice_at
    """,
    "drawn": """
        SELECT n * 1000 + k AS id, n, patient_id, practice, outsourced, biller_id, oversees, k,
          CASE
            WHEN u(n * 1000 + k, 'who') < 0.05 THEN biller_id
            WHEN u(n * 1000 + k, 'who') < 0.06 THEN 'n' || lpad(CAST(practice * 8 + 6 AS VARCHAR), 7, '0')
            WHEN outsourced AND u(n * 1000 + k, 'who') < 0.80
              THEN 'x' || lpad(CAST((practice % greatest(1, {practices} // 200)) * 8 + pick(n, 'manager', 6) AS VARCHAR), 7, '0')
            WHEN u(n * 1000 + k, 'who') < 0.80 THEN 'n' || lpad(CAST(practice * 8 + 2 + pick(n, 'manager', 3) AS VARCHAR), 7, '0')
            ELSE 'n' || lpad(CAST(practice * 8 + 2 + pick(n * 1000 + k, 'other', 3) AS VARCHAR), 7, '0')
          END AS worker,
          CAST(greatest(20, least(7200, 180 * exp(0.7 * z(n * 1000 + k, 'long')))) AS INTEGER) AS long
        FROM (SELECT *, UNNEST(range(entries)) AS k FROM person)
    """,
    "laid": """
        SELECT *, CAST((ROW_NUMBER() OVER w - 1) * (22 * 32400.0 / COUNT(*) OVER (PARTITION BY worker)) AS BIGINT) AS worked
        FROM drawn WINDOW w AS (PARTITION BY worker ORDER BY hash(id, 'order'))
    """,
    "entry": """
        SELECT id, 'e' || CAST(id AS VARCHAR) AS entry_id, patient_id, worker, long, oversees AND worker = biller_id AS is_oversight,
          {noon} + (worked // 32400 + worked // 162000 * 2) * 86400 + worked % 32400
            - CASE WHEN u(id, 'overlap') < 0.03 THEN 600 ELSE 0 END AS start_s
        FROM laid
        UNION ALL
        SELECT -id - 1, 'j' || CAST(id AS VARCHAR), patient_id,
          'n' || lpad(CAST(practice * 8 + 2 + pick(id, 'joint', 3) AS VARCHAR), 7, '0'), long, FALSE,
          {noon} + (worked // 32400 + worked // 162000 * 2) * 86400 + worked % 32400 + 60
        FROM laid WHERE u(id, 'joined') < 0.04 AND worker <> 'n' || lpad(CAST(practice * 8 + 2 + pick(id, 'joint', 3) AS VARCHAR), 7, '0')
    """,
}

_WRITTEN = {
    "practices": """
        SELECT practice_id, time_zone, 'office' AS setting, u(practice, 'access') < 0.97 AS access_24_7,
          u(practice, 'ehr') < 0.98 AS certified_ehr FROM place
        UNION ALL
        SELECT DISTINCT practice_id, 'America/New_York', 'office', NULL, NULL FROM company
    """,
    "people": """
        SELECT person_id, kind, practice_id, CASE WHEN slot < 2 THEN 'family_medicine' END AS specialty, 'general' AS supervision,
          '' AS works_with FROM staff
        UNION ALL
        SELECT c.person_id, 'rn', c.practice_id, NULL, 'general', string_agg(s.person_id, ' ' ORDER BY s.person_id)
        FROM company AS c JOIN staff AS s ON s.outsourced AND s.slot = 0
          AND s.practice % greatest(1, {practices} // 200) = c.company
        GROUP BY c.person_id, c.practice_id
    """,
    "patients": """
        SELECT patient_id, DATE '{first}' - 23741 - pick(n, 'age', 11000) AS born_on, died_on,
          CASE WHEN u(n, 'home') < 0.93 THEN 'home' WHEN u(n, 'home') < 0.97 THEN 'assisted_living' WHEN u(n, 'home') < 0.99
            THEN 'nursing_facility' END AS residence,
          CASE WHEN u(n, 'multi') < 0.3 THEN TRUE END AS complex_multidisciplinary_care
        FROM person
    """,
    "coverage": """
        SELECT patient_id, CASE WHEN u(n, 'payer') < 0.60 THEN 'medicare_ffs' WHEN u(n, 'payer') < 0.90 THEN 'medicare_advantage'
          WHEN u(n, 'payer') < 0.94 THEN 'medicaid' ELSE 'commercial' END AS payer,
          DATE '2020-01-01' AS since, u(n, 'partb') < 0.99 AS part_b, u(n, 'qmb') < 0.12 AS qmb, 1 AS rank FROM person
    """,
    "panel": """
        SELECT patient_id, biller_id, TRUE AS established, DATE '{first}' - pick(n, 'seen', 330) AS last_seen_on FROM person
        UNION ALL
        SELECT patient_id, 'n' || lpad(CAST(practice * 8 + 1 AS VARCHAR), 7, '0'), TRUE, DATE '{first}' - pick(n, 'seen', 330)
        FROM person WHERE u(n, 'second') < 0.01 AND biller_id <> 'n' || lpad(CAST(practice * 8 + 1 AS VARCHAR), 7, '0')
    """,
    "conditions": """
        SELECT patient_id, icd10, NOT flaw(n, 'chronic' || icd10, 0.02) AS chronic, CASE WHEN NOT flaw(n, 'long' || icd10, 0.03) THEN 12 END AS expected_months,
          CASE WHEN NOT flaw(n, 'risk' || icd10, 0.10) THEN TRUE END AS significant_risk
        FROM person, (VALUES """
    + ", ".join(f"('{code}', {percent / 100})" for code, percent in PREVALENCE)
    + """) AS c(icd10, share) WHERE u(n, icd10) < share
    """,
    "consents": """
        SELECT patient_id, 'ccm' AS program,
          CASE WHEN u(n, 'new') < 0.02 THEN DATE '{first}' + pick(n, 'newon', {days}) ELSE DATE '{before}' + pick(n, 'on', 390) END AS given_on,
          'verbal' AS form, CASE WHEN NOT flaw(n, 'documented', 0.02) THEN TRUE END AS documented, biller_id AS practitioner,
          CASE WHEN NOT flaw(n, 'told', 0.04) THEN 'availability cost_sharing one_practitioner right_to_stop'
            WHEN flaw(n, 'told', 0.02) THEN 'availability cost_sharing' END AS covers,
          CASE WHEN u(n, 'revoked') < 0.01 AND u(n, 'new') >= 0.02 THEN greatest(DATE '{before}' + pick(n, 'on', 390), DATE '{first}' - 20 + pick(n, 'revokedon', 50)) END AS revoked_on
        FROM person WHERE NOT flaw(n, 'consent', 0.06)
    """,
    "visits": """
        SELECT patient_id, biller_id AS practitioner, DATE '{last}' - pick(n * 10 + k, 'visit', 365) AS "on",
          ['99213', '99214', '99214', '99215', 'G0439'][1 + pick(n * 10 + k, 'code', 5)] AS code, TRUE AS face_to_face,
          CASE WHEN u(n * 10 + k, 'discussed') < 0.3 THEN 'ccm' END AS discussed
        FROM person, range(4) AS r(k) WHERE u(n * 10 + k, 'any') < 0.55
    """,
    "care_plans": """
        SELECT patient_id, 'ccm' AS program, DATE '{before}' + pick(n, 'plan', 395) AS established_on,
          DATE '{first}' - pick(n, 'reviewed', 300) AS reviewed_on, biller_id AS signed_by,
          CASE WHEN NOT flaw(n, 'copy', 0.07) THEN DATE '{before}' + 395 END AS copy_given_on,
          CASE WHEN NOT flaw(n, 'elements', 0.10) THEN 'all' ELSE 'problem_list treatment_goals symptom_management' END AS elements
        FROM person WHERE NOT flaw(n, 'planned', 0.08)
    """,
    "stays": """
        SELECT patient_id, ['inpatient', 'inpatient', 'snf_part_a', 'observation'][1 + pick(n, 'stay', 4)] AS kind,
          DATE '{first}' - 5 + pick(n, 'since', {days}) AS since, DATE '{first}' - 5 + pick(n, 'since', {days}) + pick(n, 'nights', 9) AS until
        FROM person WHERE u(n, 'stays') < 0.025
    """,
    "agency_episodes": """
        SELECT patient_id, 'home_health' AS kind, '1234567893' AS agency_npi, DATE '{first}' - pick(n, 'episode', 60) AS since,
          TRUE AS medicare_covered, biller_id AS plan_signed_by, FALSE AS financial_interest, FALSE AS employed_by_agency,
          CASE WHEN u(n, 'coordinated') < 0.8 THEN TRUE END AS coordinated_this_month
        FROM person WHERE oversees OR u(n, 'agency') < 0.03
    """,
    "decision_making": """
        SELECT patient_id, biller_id AS practitioner, '{month}' AS month,
          ['straightforward', 'low', 'moderate', 'high'][1 + pick(n, 'mdm', 4)] AS level
        FROM person WHERE u(n, 'decided') < 0.15
    """,
    "other_claims": """
        SELECT patient_id, biller_id AS practitioner, ['99214', '99495', '99457', '90960'][1 + pick(n, 'other', 4)] AS code,
          DATE '{first}' + pick(n, 'claimon', {days}) AS "on", 1 AS units
        FROM person WHERE u(n, 'claim') < 0.15
    """,
    "time_entries": """
        SELECT entry_id, patient_id, worker AS "by", CASE WHEN is_oversight THEN 'cpo' WHEN u(id, 'twice') < 0.003 THEN 'ccm rpm' ELSE 'ccm' END AS programs,
          CASE WHEN u(id, 'untimed') >= 0.02 THEN start_s END AS start_s,
          CASE WHEN u(id, 'untimed') >= 0.02 THEN start_s + long END AS end_s,
          CASE WHEN u(id, 'untimed') < 0.02 THEN DATE '1970-01-01' + CAST(start_s // 86400 AS INTEGER) END AS "on",
          CASE WHEN u(id, 'untimed') < 0.02 THEN CAST(long AS BIGINT) END AS seconds,
          CASE WHEN is_oversight THEN ['review_reports', 'call_agency', 'call_professional', 'call_patient'][1 + pick(id, 'kind', 4)]
            ELSE CASE WHEN u(id, 'unknown') < 0.02 THEN 'other work' ELSE ['call_patient', 'reconcile_medication', 'revise_plan',
              'coordinate_services', 'call_professional', 'review_results', 'phone call to patient', 'voicemail', 'educate_patient',
              'care plan review'][1 + pick(id, 'kind', 10)] END END AS activity,
          CASE WHEN u(id, 'note') < 0.99 THEN TRUE END AS documented,
          CASE WHEN u(id, 'visit') < 0.01 THEN TRUE END AS part_of_visit, start_s + long + 60 AS recorded_s
        FROM entry ORDER BY start_s, id
    """,
}
"""Tables as they are written; the log in the order of time, as a ledger grows."""

_GIVEN = {
    "practices": ("practice_id", "time_zone", "setting", "access_24_7", "certified_ehr"),
    "people": ("person_id", "kind", "practice_id", "specialty", "supervision", "works_with"),
    "patients": ("patient_id", "born_on", "died_on", "residence", "complex_multidisciplinary_care"),
    "coverage": ("patient_id", "payer", "since", "part_b", "qmb", "rank"),
    "panel": ("patient_id", "biller_id", "established", "last_seen_on"),
    "conditions": ("patient_id", "icd10", "chronic", "expected_months", "significant_risk"),
    "consents": ("patient_id", "program", "given_on", "form", "documented", "practitioner", "covers", "revoked_on"),
    "visits": ("patient_id", "practitioner", "on", "code", "face_to_face", "discussed"),
    "care_plans": ("patient_id", "program", "established_on", "reviewed_on", "signed_by", "copy_given_on", "elements"),
    "stays": ("patient_id", "kind", "since", "until"),
    "agency_episodes": (
        "patient_id", "kind", "agency_npi", "since", "medicare_covered", "plan_signed_by", "financial_interest",
        "employed_by_agency", "coordinated_this_month",
    ),
    "decision_making": ("patient_id", "practitioner", "month", "level"),
    "other_claims": ("patient_id", "practitioner", "code", "on", "units"),
    "time_entries": (
        "entry_id", "patient_id", "by", "programs", "start_s", "end_s", "on", "seconds", "activity", "documented",
        "part_of_visit", "recorded_s",
    ),
}  # fmt: skip
