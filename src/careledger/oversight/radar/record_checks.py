"""Questions that need the practice's record beside the claims: consent, plan, logged work, who did it."""

from __future__ import annotations

from careledger.oversight.radar.check import Check

_CREDENTIALED = (
    "SELECT word FROM law_words WHERE name IN ('clinical_staff_kinds', 'biller_kinds', 'practitioner_kinds_as_staff')"
)
_NEVER = "SELECT word FROM law_words WHERE name = 'never_kinds'"


def _in_list(name: str) -> str:
    return f"t.role = 'base' AND t.program IN (SELECT word FROM law_words WHERE name = '{name}')"


def _claim_check(id_: str, asks: str, mend: str, list_name: str, detail: str, unless: str, needs: str) -> Check:
    """A base line without something the record must hold."""
    return Check(
        id=id_,
        asks=asks,
        severity="high",
        mend=mend,
        needs=(needs,),
        sql=f"""
            SELECT t.patient_id AS patient, t.practitioner AS who, t.month AS period, 'line ' || t.row_no AS evidence,
                t.code || ': {detail}' AS detail, 'house.radar.{list_name}' AS rule, '' AS cite, [t.row_no] AS refund_rows
            FROM tested t WHERE {_in_list(list_name)} AND t.patient_id IN (SELECT patient_id FROM patients) AND NOT EXISTS (
                {unless})""",
    )


NO_CONSENT = _claim_check(
    "no_consent",
    "a claim without a consent in force and written down",
    "find the consent and file it; refund when there was none before the service",
    "consent_programs",
    "no documented consent was in force",
    "SELECT 1 FROM consents c WHERE c.patient_id = t.patient_id AND c.program = t.program AND c.given_on <= t.on_day "
    "AND coalesce(c.documented, true) AND (c.revoked_on IS NULL OR last_day(c.revoked_on) >= t.on_day)",
    "consents",
)
NO_PLAN = _claim_check(
    "no_plan",
    "a claim without a care plan",
    "find the plan; refund when none was established by the day of service",
    "plan_programs",
    "no care plan was established by then",
    "SELECT 1 FROM care_plans p WHERE p.patient_id = t.patient_id AND p.program IN (t.program, 'ccm') "
    "AND p.established_on <= t.on_day",
    "care_plans",
)
NO_CONTACT = _claim_check(
    "no_logged_work",
    "a claim for time without a minute logged in the month",
    "find the log of the month; refund when nothing was done",
    "work_programs",
    "no work is logged to the program in the month",
    "SELECT 1 FROM log e WHERE e.patient_id = t.patient_id AND e.month_no = t.month_no "
    "AND list_contains(string_split(e.programs, ' '), t.program)",
    "log",
)
TOO_FEW = Check(
    id="minutes_below_code",
    asks="a claim for more minutes than are logged in the month",
    severity="high",
    needs=("log",),
    mend="find the missing entries, each with its note; else refund",
    sql="""
        WITH worked AS (
            SELECT t.row_no, t.patient_id, t.practitioner, t.month, t.code, u.minutes, u.rule, u.cite, SUM(e.seconds) AS seconds
            FROM tested t JOIN law_units u ON u.code = t.code AND t.on_day BETWEEN u.since AND u.until
            JOIN log e ON e.patient_id = t.patient_id AND e.month_no = t.month_no
                AND list_contains(string_split(e.programs, ' '), t.program)
            GROUP BY ALL)
        SELECT patient_id AS patient, practitioner AS who, month AS period, 'line ' || row_no AS evidence,
            code || ': ' || seconds // 60 || ' minutes are logged, ' || minutes || ' are needed' AS detail, rule, cite,
            [row_no] AS refund_rows FROM worked WHERE seconds < minutes * 60""",
)

_ENTRY = "e.patient_id AS patient, e.\"by\" AS who, strftime(e.day, '%Y-%m-%d') AS period, 'entry ' || e.entry_id AS evidence"
_NONE = "CAST([] AS BIGINT[]) AS refund_rows"
_CLINICAL = "('ccm', 'pcm', 'bhi', 'cocm', 'cpo')"

BOT = Check(
    id="bot_as_staff",
    asks="contact by software logged as staff time",
    severity="high",
    needs=("log", "people"),
    mend="take the entry out of every total; refund months that fall below their code",
    sql=f"""
        SELECT {_ENTRY}, e.seconds // 60 || ' minutes of software are logged to ' || e.programs AS detail,
            'ccm.supervision.never_kinds' AS rule, '' AS cite, {_NONE}
        FROM log e JOIN people p ON p.person_id = e."by" WHERE p.kind = 'bot' AND e.programs <> 'director'""",
)
NOT_CLINICAL = Check(
    id="not_clinical_staff",
    asks="time of someone who is no clinical staff",
    severity="high",
    needs=("log", "people"),
    mend="take the entry out of the total of clinical time; refund months that fall below their code",
    sql=f"""
        SELECT {_ENTRY}, 'somebody whose work is ' || p.kind || ' logged ' || e.seconds // 60 || ' minutes to ' || e.programs AS detail,
            'ccm.supervision.never_kinds' AS rule, '' AS cite, {_NONE}
        FROM log e JOIN people p ON p.person_id = e."by"
        WHERE p.kind IN ({_NEVER}) AND p.kind <> 'bot'
            AND len(list_filter(string_split(e.programs, ' '), lambda word: word IN {_CLINICAL})) > 0""",
)
NO_CREDENTIAL = Check(
    id="not_credentialed",
    asks="time of staff whose credential is not on file for the day",
    severity="medium",
    needs=("log", "people"),
    mend="file the credential with its dates; take the time out when there was none on the day",
    sql=f"""
        SELECT NULL::VARCHAR AS patient, e."by" AS who, strftime(MIN(e.day), '%Y-%m-%d') || '..' || strftime(MAX(e.day), '%Y-%m-%d') AS period,
            COUNT(*) || ' entries, first ' || MIN(e.entry_id) AS evidence,
            'no credential is on file for ' || COUNT(DISTINCT e.day) || ' days of logged work' AS detail,
            'house.radar.work_programs' AS rule, '' AS cite, {_NONE}
        FROM log e JOIN people p ON p.person_id = e."by"
        WHERE p.kind IN ({_CREDENTIALED}) AND (p.credential IS NULL AND NOT EXISTS (
            SELECT 1 FROM credentials c WHERE c.person_id = p.person_id) OR EXISTS (
            SELECT 1 FROM credentials c WHERE c.person_id = p.person_id) AND NOT EXISTS (
            SELECT 1 FROM credentials c WHERE c.person_id = p.person_id AND e.day >= c.since
                AND (c.until IS NULL OR e.day <= c.until)))
        GROUP BY e."by" """,
)
VISIT_DAY = Check(
    id="visit_same_day",
    asks="a practitioner's own minutes on a day with a visit, not marked as apart from it",
    severity="low",
    needs=("log", "visits"),
    mend="mark what belonged to the visit; only work apart from it counts",
    sql=f"""
        SELECT {_ENTRY}, e.seconds // 60 || ' minutes on a day the same person saw the patient; the entry does not say they were apart from the visit' AS detail,
            'ccm.time_rules.same_day_visit_minutes' AS rule, '' AS cite, {_NONE}
        FROM log e JOIN visits v ON v.patient_id = e.patient_id AND v.practitioner = e."by" AND v."on" = e.day
        WHERE coalesce(v.face_to_face, true) AND e.part_of_visit IS NULL AND e.programs <> 'director'""",
)

CHECKS = (NO_CONSENT, NO_PLAN, NO_CONTACT, TOO_FEW, BOT, NOT_CLINICAL, NO_CREDENTIAL, VISIT_DAY)
