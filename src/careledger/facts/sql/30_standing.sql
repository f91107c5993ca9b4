-- How the patient stands to each program: consent, start, initiating visit, care plan.

-- step: consent_rows
-- Consents as they stand to the biller. Where policy lets work go on to the end of the month of revocation, an end within
-- the month is none.
SELECT
  b.bill, r.program_no, c.given_on, c.documented, c.practitioner = b.biller_id AS is_to_biller, c.covers, c.rowid AS row_no,
  CASE WHEN c.revoked_on < $first_on OR r.stops_at_revocation THEN c.revoked_on END AS ended_on,
  COALESCE(c.practitioner = b.biller_id, TRUE)
    AND c.given_on <= $last_on AND (c.revoked_on IS NULL OR c.revoked_on >= c.given_on) AS is_covering
FROM consents AS c
JOIN rule_programs AS r ON r.program = c.program
JOIN bills AS b ON b.patient_id = c.patient_id;

-- step: consent_ranked
-- The consent that is shown: the one in force, else the one that comes nearest to it; of equals the latest.
SELECT
  *,
  ROW_NUMBER() OVER (
    PARTITION BY bill, program_no
    ORDER BY rank_no, given_on DESC NULLS LAST, covers NULLS LAST, documented DESC NULLS LAST, row_no
  ) AS place
FROM (
  SELECT
    *,
    CASE
      WHEN NOT is_to_biller THEN 5
      WHEN ended_on < $first_on OR ended_on < given_on THEN 3
      WHEN given_on > $last_on THEN 4
      WHEN given_on IS NOT NULL AND is_to_biller AND documented THEN 1
      ELSE 2
    END AS rank_no
  FROM consent_rows
) AS ranked;

-- step: consent_days
-- Is the whole month, or some of it, covered by consent?
SELECT
  bill, program_no,
  MAX(CASE WHEN is_covering AND given_on <= $first_on AND (ended_on IS NULL OR ended_on >= $last_on) THEN 1 ELSE 0 END) AS is_whole,
  MAX(CASE WHEN is_covering AND (ended_on IS NULL OR ended_on >= $first_on) THEN 1 ELSE 0 END) AS is_some,
  MAX(CASE WHEN is_covering AND given_on < $first_on THEN 1 ELSE 0 END) AS was_given,
  MIN(CASE WHEN is_covering AND (ended_on IS NULL OR ended_on >= $first_on) THEN given_on END) AS first_given_on,
  MIN(CASE WHEN COALESCE(is_to_biller, TRUE) THEN given_on END) AS ever_given_on
FROM consent_rows
GROUP BY bill, program_no;

-- step: plans_ranked
-- The care plan that is shown: the latest version established by the end of the month and not revised after it.
SELECT
  b.bill, r.program_no, c.established_on, c.reviewed_on, c.revised_on, c.signed_by, c.copy_given_on, c.elements, c.revision,
  c.rowid AS row_no,
  ROW_NUMBER() OVER (
    PARTITION BY b.bill, r.program_no
    ORDER BY
      CASE
        WHEN c.established_on <= $last_on AND COALESCE(c.revised_on, c.established_on) <= $last_on THEN 1
        WHEN c.established_on <= $last_on THEN 2
        WHEN c.established_on IS NULL THEN 3
        ELSE 4
      END,
      GREATEST(c.established_on, c.reviewed_on, c.revised_on) DESC NULLS LAST, c.established_on DESC NULLS LAST,
      c.copy_given_on DESC NULLS LAST, c.signed_by NULLS LAST, c.elements NULLS LAST, c.revision NULLS LAST, c.rowid
  ) AS place
FROM care_plans AS c
JOIN rule_programs AS r ON r.program = c.program
JOIN bills AS b ON b.patient_id = c.patient_id;

-- step: slots
-- Every patient, biller and program of which anything is recorded.
SELECT bill, program_no FROM sums
UNION
SELECT bill, program_no FROM untimed
UNION
SELECT bill, program_no FROM also
UNION
SELECT bill, program_no FROM consent_rows
UNION
SELECT b.bill, r.program_no
FROM enrolments AS c JOIN rule_programs AS r ON r.program = c.program JOIN bills AS b ON b.patient_id = c.patient_id
UNION
SELECT bill, program_no FROM plans_ranked
UNION
SELECT b.bill, r.program_no
FROM devices AS c JOIN rule_programs AS r ON r.program = c.kind JOIN bills AS b ON b.patient_id = c.patient_id
UNION
SELECT b.bill, r.program_no
FROM behavioral AS c JOIN rule_programs AS r ON r.program = COALESCE(c.service, r.program) AND r.program IN ('bhi', 'cocm')
JOIN bills AS b ON b.patient_id = c.patient_id;

-- step: starts
-- The first day of the program: enrolment, else consent, else the month under consideration.
SELECT
  s.bill, s.program_no, e.started_on AS enrolled_on,
  COALESCE(e.started_on, c.ever_given_on, $first_on) AS start_on
FROM slots AS s
LEFT JOIN (
  SELECT b.bill, r.program_no, MIN(e.started_on) AS started_on
  FROM enrolments AS e
  JOIN rule_programs AS r ON r.program = e.program
  JOIN bills AS b ON b.patient_id = e.patient_id
  GROUP BY b.bill, r.program_no
) AS e ON e.bill = s.bill AND e.program_no = s.program_no
LEFT JOIN consent_days AS c ON c.bill = s.bill AND c.program_no = s.program_no;

-- step: seen
-- Visits as they stand to the biller. Look-backs compare days as numbers of 31-day months: the same day of an earlier
-- month is within the look-back, the day before it is not.
SELECT
  b.bill, v."on" AS on_day, v.code, v.discussed, v.face_to_face, v.telehealth, v.rowid AS row_no,
  v.practitioner = b.biller_id AS is_own,
  v.practitioner = b.biller_id OR (p.practice_no = b.practice_no AND p.specialty = s.specialty) AS is_circle,
  (YEAR(v."on") * 12 + MONTH(v."on")) * 31 + DAY(v."on") AS day_no
FROM visits AS v
JOIN bills AS b ON b.patient_id = v.patient_id
JOIN persons AS s ON s.person_no = b.biller_no
LEFT JOIN persons AS p ON p.person_id = v.practitioner
WHERE v."on" <= $last_on;

-- step: opened
-- Was the patient seen before the program started, and was there a visit that may open it?
SELECT
  s.bill, s.program_no, r.needs_discussion, t.established AND NOT r.opens_for_all AS established, r.opens_for_all,
  MAX(CASE WHEN t.last_seen_on IS NOT NULL OR v.on_day IS NOT NULL THEN 1 ELSE 0 END) AS is_known,
  MAX(CASE
    WHEN v.is_circle AND v.face_to_face AND v.day_no >= t.start_no - r.initiating_months * 31
      AND (v.on_day <= t.start_on OR v.on_day < $first_on) THEN 1
    WHEN t.seen_no >= t.start_no - r.initiating_months * 31
      AND (t.last_seen_on <= t.start_on OR t.last_seen_on < $first_on) THEN 1
    ELSE 0
  END) AS is_seen,
  MAX(CASE
    WHEN v.is_circle AND v.face_to_face AND v.day_no >= t.start_no - r.initiating_months * 31 AND v.on_day < t.start_on THEN 1
    WHEN t.seen_no >= t.start_no - r.initiating_months * 31
      AND (t.last_seen_on < t.start_on OR t.last_seen_on < $first_on) THEN 1
    ELSE 0
  END) AS was_seen,
  MAX(CASE
    WHEN q.code IS NOT NULL AND v.is_own AND v.day_no >= t.start_no - r.initiating_months * 31
      AND (v.face_to_face OR (v.telehealth AND r.accepts_telehealth)) THEN 1
    ELSE 0
  END) AS is_qualified,
  MIN(CASE
    WHEN q.code IS NOT NULL AND v.is_own AND v.day_no >= t.start_no - r.initiating_months * 31
      AND (v.face_to_face OR (v.telehealth AND r.accepts_telehealth))
      AND (NOT r.needs_discussion OR ' ' || v.discussed || ' ' LIKE '% ' || r.program || ' %') THEN v.on_day
  END) AS done_on
FROM slots AS s
JOIN rule_programs AS r ON r.program_no = s.program_no AND r.initiating_months IS NOT NULL
JOIN (
  SELECT
    t.bill, t.program_no, t.start_on, b.established, b.last_seen_on,
    (YEAR(t.start_on) * 12 + MONTH(t.start_on)) * 31 + DAY(t.start_on) AS start_no,
    CASE WHEN b.last_seen_on <= $last_on THEN (YEAR(b.last_seen_on) * 12 + MONTH(b.last_seen_on)) * 31 + DAY(b.last_seen_on) END
      AS seen_no
  FROM starts AS t
  JOIN bills AS b ON b.bill = t.bill
) AS t ON t.bill = s.bill AND t.program_no = s.program_no
LEFT JOIN seen AS v ON v.bill = s.bill
LEFT JOIN rule_codes AS q ON q.program_no = s.program_no AND q.code = v.code AND v.on_day BETWEEN q.since AND q.until
GROUP BY s.bill, s.program_no, r.needs_discussion, t.established, r.opens_for_all;

-- step: initiating
-- The state of the initiating visit, and the day from which minutes count when one was needed.
SELECT
  bill, program_no,
  CASE
    WHEN established AND is_seen = 1 THEN 'not_needed'
    WHEN established IS NULL AND was_seen = 1 AND NOT opens_for_all THEN 'not_needed'
    WHEN done_on IS NOT NULL THEN 'done'
    WHEN is_qualified = 1 THEN 'not_discussed'
    WHEN NOT established OR is_known = 1 THEN 'missing'
    ELSE 'unknown'
  END AS state,
  CASE
    WHEN established AND is_seen = 1 THEN NULL
    WHEN established IS NULL AND was_seen = 1 AND NOT opens_for_all THEN NULL
    ELSE done_on
  END AS opened_on
FROM opened;

-- step: revisions
-- What happened to the plan in the month, in any of its versions. A plan established in the month is new in substance.
SELECT
  p.bill, p.program_no,
  MAX(CASE
    WHEN p.revised_on BETWEEN $first_on AND $last_on AND p.revision = 'substantial' THEN 2
    WHEN p.established_on BETWEEN $first_on AND $last_on THEN 2
    WHEN p.revised_on BETWEEN $first_on AND $last_on AND p.revision = 'minor' THEN 1
    ELSE 0
  END) AS extent,
  MAX(CASE
    WHEN p.established_on >= r.review_since AND p.established_on <= $last_on THEN 1
    WHEN p.reviewed_on >= r.review_since AND p.reviewed_on <= $last_on THEN 1
    WHEN p.revised_on >= r.review_since AND p.revised_on <= $last_on THEN 1
    ELSE 0
  END) AS is_reviewed
FROM plans_ranked AS p
JOIN rule_programs AS r ON r.program_no = p.program_no
GROUP BY p.bill, p.program_no;
