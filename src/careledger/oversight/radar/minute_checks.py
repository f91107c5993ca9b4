"""Questions about logged minutes that look invented. Each is a reason to look, never proof."""

from __future__ import annotations

from careledger.oversight.radar.check import Check

_NONE = "CAST([] AS BIGINT[]) AS refund_rows"
_LOOK = "ask the person how the time was kept; sample the notes; correct what cannot be shown"
_OWN = "'house.radar.{}' AS rule, '' AS cite"


def _number(name: str) -> str:
    """A threshold of the house, bound when the question is asked."""
    return f"getvariable('{name}')"


def _own(name: str) -> str:
    return _OWN.format(name)


JUST_OVER = Check(
    id="just_over_the_unit",
    asks="a person whose months nearly all end just above a code's first unit",
    severity="medium",
    needs=("log", "people"),
    mend=_LOOK,
    sql=f"""
        WITH months AS (
            SELECT "by", patient_id, month_no, SUM(seconds) AS seconds, MAX(day) AS day FROM log
            WHERE list_contains(string_split(programs, ' '), 'ccm') GROUP BY ALL
        ), told AS (
            SELECT m."by", COUNT(*) AS every, MIN(m.day) AS since, MAX(m.day) AS until,
                COUNT(*) FILTER (m.seconds BETWEEN u.minutes * 60 AND (u.minutes + {_number("just_over_minutes")}) * 60) AS over,
                any_value(u.minutes) AS minutes
            FROM months m JOIN law_units u ON u.rule = 'ccm.clinical_staff_time.first_unit_minutes' AND m.day BETWEEN u.since AND u.until
            GROUP BY m."by")
        SELECT NULL::VARCHAR AS patient, "by" AS who, strftime(since, '%Y-%m') || '..' || strftime(until, '%Y-%m') AS period,
            every || ' patient-months' AS evidence,
            over || ' of ' || every || ' patient-months end between ' || minutes || ' and ' || minutes + {_number("just_over_minutes")} || ' minutes' AS detail,
            {_own("just_over_percent")}, {_NONE}
        FROM told WHERE every >= {_number("just_over_least")} AND over * 100 >= every * {_number("just_over_percent")}""",
)
SAME_NOTE = Check(
    id="same_note",
    asks="the same words in the notes of several patients",
    severity="medium",
    needs=("log",),
    mend=_LOOK,
    sql=f"""
        SELECT NULL::VARCHAR AS patient, "by" AS who, strftime(MIN(day), '%Y-%m-%d') || '..' || strftime(MAX(day), '%Y-%m-%d') AS period,
            string_agg(entry_id, ', ' ORDER BY entry_id)[:160] AS evidence,
            'one note of ' || length(any_value(note)) || ' characters stands in ' || COUNT(*) || ' entries of ' || COUNT(DISTINCT patient_id) || ' patients' AS detail,
            {_own("same_note_patients")}, {_NONE}
        FROM log WHERE nullif(trim(note), '') IS NOT NULL
        GROUP BY "by", regexp_replace(lower(trim(note)), '\\s+', ' ', 'g')
        HAVING COUNT(DISTINCT patient_id) >= {_number("same_note_patients")}""",
)
LONG_DAY = Check(
    id="more_than_a_day",
    asks="more minutes by one person than a working day has",
    severity="medium",
    needs=("log",),
    mend=_LOOK,
    sql=f"""
        SELECT NULL::VARCHAR AS patient, "by" AS who, strftime(day, '%Y-%m-%d') AS period,
            COUNT(*) || ' entries, first ' || MIN(entry_id) AS evidence,
            SUM(seconds) // 60 || ' minutes in one day' AS detail, {_own("working_day_minutes")}, {_NONE}
        FROM log GROUP BY "by", day HAVING SUM(seconds) > {_number("working_day_minutes")} * 60""",
)
AT_ONCE = Check(
    id="two_patients_at_once",
    asks="one person at work for two patients in the same minutes",
    severity="medium",
    needs=("log",),
    mend="correct the times; shared minutes count once, for one patient",
    sql=f"""
        WITH ranked AS (
            SELECT *, lag(end_s) OVER byday AS before_end, lag(patient_id) OVER byday AS before_patient, lag(entry_id) OVER byday AS before_id
            FROM log WHERE start_s IS NOT NULL WINDOW byday AS (PARTITION BY "by" ORDER BY start_s, entry_id))
        SELECT patient_id AS patient, "by" AS who, strftime(day, '%Y-%m-%d') AS period, 'entry ' || before_id || ', entry ' || entry_id AS evidence,
            (least(end_s, before_end) - start_s) // 60 || ' minutes stand for two patients' AS detail,
            'ccm.time_rules.minute_used_twice' AS rule, '' AS cite, {_NONE}
        FROM ranked WHERE before_end - start_s >= 60 AND before_patient <> patient_id""",
)
OFF_HOURS = Check(
    id="night_or_day_off",
    asks="minutes at night, on a weekend or a federal holiday",
    severity="low",
    needs=("log",),
    mend=_LOOK,
    sql=f"""
        SELECT NULL::VARCHAR AS patient, "by" AS who, strftime(day, '%Y-%m') AS period,
            string_agg(entry_id, ', ' ORDER BY entry_id)[:160] AS evidence,
            COUNT(*) FILTER (at_night) || ' at night and ' || COUNT(*) FILTER (NOT at_night AND is_off) || ' on days off' AS detail,
            {_own("night_from_hour")}, {_NONE}
        FROM (SELECT *, coalesce(hour >= {_number("night_from_hour")} OR hour < {_number("night_until_hour")}, false) AS at_night,
                isodow(day) > 5 OR day IN (SELECT day FROM holidays) AS is_off FROM log)
        WHERE at_night OR is_off GROUP BY "by", strftime(day, '%Y-%m')""",
)

CHECKS = (JUST_OVER, SAME_NOTE, LONG_DAY, AT_ONCE, OFF_HOURS)
