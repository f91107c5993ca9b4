"""Questions that claims alone can answer: the ones OIG asked, and their neighbours."""

from __future__ import annotations

from careledger.oversight.radar.check import Check

TESTED = """
CREATE TABLE tested AS
SELECT l.*, c.program, c.role, c.who AS worked_by, strftime(l.on_day, '%Y-%m') AS month,
    year(l.on_day) * 12 + month(l.on_day) AS month_no
FROM lines l JOIN law_codes c USING (code)
WHERE l.patient_id IS NOT NULL AND l.on_day IS NOT NULL AND NOT l.is_void
"""
"""Lines that a question of codes and months can be asked of."""

BASE_TWICE = Check(
    id="base_twice",
    asks="one base code more than once in a month",
    severity="high",
    mend="keep one line; void or refund the others",
    sql="""
        SELECT patient_id AS patient, string_agg(DISTINCT practitioner, ' ') AS who, month AS period,
            string_agg('line ' || row_no, ', ' ORDER BY row_no) AS evidence,
            code || ' stands ' || COUNT(*) || ' times in the month' ||
                CASE WHEN COUNT(DISTINCT practitioner) > 1 THEN ', by ' || COUNT(DISTINCT practitioner) || ' practitioners' ELSE '' END AS detail,
            'house.radar.once_a_month_programs' AS rule, '' AS cite,
            list(row_no ORDER BY row_no)[2:] AS refund_rows
        FROM tested
        WHERE role = 'base' AND program IN (SELECT word FROM law_words WHERE name = 'once_a_month_programs')
        GROUP BY patient_id, code, month HAVING COUNT(*) > 1""",
)

_PAIRS = """
    WITH near AS (
        SELECT row_no, patient_id, practitioner, practice, specialty, code, modifiers, on_day, month, month_no,
            coalesce(paid_cents, charged_cents, 0) AS worth
        FROM tested WHERE code IN (SELECT a FROM law_pairs UNION SELECT b FROM law_pairs)
    ), crowded AS (
        SELECT * FROM near QUALIFY COUNT(*) OVER (PARTITION BY patient_id, month_no) > 1
    ), met AS (
        SELECT one.*, two.row_no AS other_row, two.code AS other_code, two.worth AS other_worth, two.on_day AS other_day,
            two.modifiers AS other_modifiers, two.practitioner AS other_practitioner,
            CASE WHEN coalesce(one.practitioner = two.practitioner, true) THEN 'self'
                WHEN one.practice = two.practice AND one.specialty = two.specialty THEN 'group_same_specialty'
                WHEN one.practice = two.practice THEN 'group' ELSE 'other' END AS relation,
            one.practitioner IS NULL OR two.practitioner IS NULL AS unnamed
        FROM crowded one JOIN crowded two ON one.patient_id = two.patient_id AND one.month_no = two.month_no
            AND one.row_no <> two.row_no AND (one.code < two.code)
    ), barred AS (
        SELECT m.*, p.answer, p.rule, p.says, p.cite
        FROM met m JOIN law_pairs p ON p.a = m.code AND p.b = m.other_code
            AND (p.relation = m.relation OR (m.relation = 'group_same_specialty' AND p.relation = 'group'))
            AND greatest(m.on_day, m.other_day) BETWEEN p.since AND p.until AND (p.per = 'month' OR m.on_day = m.other_day)
        QUALIFY row_number() OVER (PARTITION BY m.row_no, m.other_row
            ORDER BY CASE p.answer WHEN 'no' THEN 0 WHEN 'human' THEN 1 ELSE 2 END, p.rule) = 1
    )
    SELECT patient_id AS patient, concat_ws(' ', practitioner, nullif(other_practitioner, practitioner)) AS who,
        month AS period, 'line ' || row_no || ', line ' || other_row AS evidence,
        code || ' and ' || other_code || ' in one ' || CASE WHEN on_day = other_day THEN 'day' ELSE 'month' END || ': ' || says
            || CASE WHEN unnamed THEN ' (practitioner not named; read as one)' ELSE '' END AS detail,
        rule, cite,
"""


def _pair_check(id_: str, asks: str, severity: str, mend: str, where: str, refund: str) -> Check:
    return Check(
        id=id_,
        asks=asks,
        severity=severity,
        mend=mend,
        sql=f"{_PAIRS} {refund} AS refund_rows FROM barred WHERE {where}",
    )


_WORTH_LESS = (
    "[CASE WHEN worth < other_worth OR (worth = other_worth AND row_no > other_row) THEN row_no ELSE other_row END]"
)
_DISTINCT = "(25|59|X[EPSU]|27|76|77|FQ|GT)"

OVERLAP = _pair_check(
    "overlapping_families",
    "two services of a month that are never paid together",
    "high",
    "keep the service whose record is whole; void or refund the other (the sheet names the one of less worth)",
    "answer = 'no'",
    _WORTH_LESS,
)
OVERLAP_JUDGED = _pair_check(
    "overlap_to_judge",
    "two services whose standing together a person must judge",
    "medium",
    "have the compliance officer decide, and write down why",
    "answer = 'human'",
    "CAST([] AS BIGINT[])",
)
MODIFIER = _pair_check(
    "modifier_missing",
    "two services that are paid together only with a modifier, and none stands there",
    "low",
    "correct the claim when the services were distinct; refund one when they were not",
    f"answer = 'modifier' AND NOT regexp_matches(modifiers || ' ' || other_modifiers, '\\b{_DISTINCT}\\b')",
    "CAST([] AS BIGINT[])",
)

ADD_ON_ALONE = Check(
    id="add_on_alone",
    asks="an add-on without its base code in the month",
    severity="high",
    mend="bill the base when it was earned and left out; else refund the add-on",
    sql="""
        SELECT t.patient_id AS patient, t.practitioner AS who, t.month AS period, 'line ' || t.row_no AS evidence,
            t.code || ' without ' || (SELECT string_agg(base, ' or ' ORDER BY base) FROM law_bases WHERE add_on = t.code) ||
            ' of the same practitioner in the month' AS detail,
            'codes.' || t.code || '.base_code' AS rule, 'oig-2021' AS cite, [t.row_no] AS refund_rows
        FROM tested t
        WHERE t.role = 'add_on' AND NOT EXISTS (
            SELECT 1 FROM tested b JOIN law_bases k ON k.base = b.code
            WHERE k.add_on = t.code AND b.patient_id = t.patient_id AND b.month_no = t.month_no
                AND coalesce(b.practitioner = t.practitioner, true))""",
)

OVER_CAP = Check(
    id="units_over_cap",
    asks="more units than are paid in the day or the month",
    severity="high",
    mend="refund the units above the limit, or show that the limit was another on that day",
    sql="""
        WITH sums AS (
            SELECT patient_id, practitioner, code, 'month' AS per, month AS period, MAX(on_day) AS on_day,
                SUM(coalesce(units, 1)) AS units, list(row_no ORDER BY row_no) AS every FROM tested GROUP BY ALL
            UNION ALL
            SELECT patient_id, practitioner, code, 'date', strftime(on_day, '%Y-%m-%d'), on_day,
                SUM(coalesce(units, 1)), list(row_no ORDER BY row_no) FROM tested GROUP BY ALL
        ), over AS (
            SELECT s.*, c.units AS cap, c.rule, c.cite FROM sums s JOIN law_caps c
                ON c.code = s.code AND c.per = s.per AND s.on_day BETWEEN c.since AND c.until AND s.units > c.units
            QUALIFY row_number() OVER (PARTITION BY patient_id, practitioner, s.code, strftime(s.on_day, '%Y-%m')
                ORDER BY c.per DESC) = 1
        )
        SELECT patient_id AS patient, practitioner AS who, period, 'line ' || array_to_string(every, ', line ') AS evidence,
            code || ': ' || units || ' units in the ' || CASE per WHEN 'date' THEN 'day' ELSE 'month' END || ', at most ' || cap || ' are paid' AS detail,
            rule, cite, every[-1:] AS refund_rows FROM over""",
)

AFTER_DEATH = Check(
    id="after_death",
    asks="a service on a day after the patient died",
    severity="high",
    mend="correct the day when it was mistyped; else refund",
    sql="""
        SELECT l.patient_id AS patient, l.practitioner AS who, strftime(l.on_day, '%Y-%m-%d') AS period,
            'line ' || l.row_no AS evidence, l.code || ' ' || date_diff('day', d.died_on, l.on_day) || ' days after death' AS detail,
            'ccm.date_of_service.after_death_allowed' AS rule, '' AS cite, [l.row_no] AS refund_rows
        FROM lines l JOIN deaths d USING (patient_id) WHERE l.on_day > d.died_on AND NOT l.is_void""",
    needs=("deaths",),
)

CHECKS = (BASE_TWICE, OVERLAP, OVERLAP_JUDGED, MODIFIER, ADD_ON_ALONE, OVER_CAP, AFTER_DEATH)
