-- What does not belong to one program: payer, conditions, days in a facility, agencies, what others billed, visits.

-- step: payers
-- The first payer in force at the end of the month, else the latest one of the month, else the latest of all.
SELECT patient_id, payer, plan, row_no, CASE WHEN is_now THEN part_b ELSE FALSE END AS part_b, qmb
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY patient_id
      ORDER BY is_now DESC, is_last DESC, rank, until DESC NULLS FIRST, since DESC NULLS LAST, payer, plan NULLS LAST,
        part_b DESC NULLS LAST, qmb DESC NULLS LAST, row_no
    ) AS place
  FROM (
    SELECT
      c.patient_id, c.payer, c.plan, c.part_b, c.qmb, c.rank, c.since, c.until, c.rowid AS row_no,
      COALESCE(c.since <= $last_on, TRUE) AND COALESCE(c.until >= $first_on, TRUE) AS is_now,
      COALESCE(c.since <= $last_on, TRUE) AND COALESCE(c.until >= $last_on, TRUE) AS is_last
    FROM coverage AS c
  ) AS covering
) AS ranked
WHERE place = 1;

-- step: illnesses
-- Conditions of the month by category of ICD-10-CM (three characters): two codes of one category are one condition.
SELECT
  patient_id, category,
  MAX(CASE WHEN chronic AND expected_months >= $chronic_months THEN 1 ELSE 0 END) AS is_chronic,
  MAX(CASE WHEN COALESCE(chronic, TRUE) AND COALESCE(expected_months >= $chronic_months, TRUE) THEN 1 ELSE 0 END) AS may_be,
  MAX(CASE WHEN chronic AND expected_months >= $chronic_months AND significant_risk THEN 1 ELSE 0 END) AS is_risk,
  MAX(CASE WHEN chronic AND expected_months >= $chronic_months AND significant_risk IS NULL THEN 1 ELSE 0 END) AS may_be_risk,
  MAX(CASE WHEN complex AND expected_months >= $complex_months AND significant_risk THEN 1 ELSE 0 END) AS is_complex,
  MAX(CASE
    WHEN COALESCE(complex, TRUE) AND COALESCE(expected_months >= $complex_months, TRUE) AND COALESCE(significant_risk, TRUE)
    THEN 1 ELSE 0
  END) AS may_be_complex,
  MAX(CASE WHEN expected_months >= $serious_months AND significant_risk THEN 1 ELSE 0 END) AS is_serious,
  MAX(CASE
    WHEN COALESCE(expected_months >= $serious_months, TRUE) AND COALESCE(significant_risk, TRUE) THEN 1 ELSE 0
  END) AS may_be_serious
FROM (
  SELECT patient_id, SUBSTRING(UPPER(icd10), 1, 3) AS category, chronic, expected_months, significant_risk, complex
  FROM conditions
  WHERE (since IS NULL OR since <= $last_on) AND (until IS NULL OR until >= $first_on)
) AS current
GROUP BY patient_id, category;

-- step: illness_sums
SELECT
  patient_id,
  CAST(SUM(is_chronic) AS INTEGER) AS chronic_conditions,
  CAST(SUM(may_be) AS INTEGER) AS chronic_conditions_possible,
  CASE
    WHEN SUM(is_chronic) = 0 THEN NULL WHEN MAX(is_risk) = 1 THEN TRUE WHEN MAX(may_be_risk) = 1 THEN NULL ELSE FALSE
  END AS significant_risk,
  CASE
    WHEN $complex_months IS NULL THEN NULL WHEN MAX(is_complex) = 1 THEN TRUE WHEN MAX(may_be_complex) = 1 THEN NULL ELSE FALSE
  END AS complex_condition,
  CASE
    WHEN $serious_months IS NULL THEN NULL WHEN MAX(is_serious) = 1 THEN TRUE WHEN MAX(may_be_serious) = 1 THEN NULL ELSE FALSE
  END AS serious_condition
FROM illnesses
GROUP BY patient_id;

-- step: pains
-- Diagnoses that name chronic pain itself, by their first five characters; other diagnoses leave open whether it hurts.
SELECT c.patient_id, MAX(CASE WHEN COALESCE(c.chronic, TRUE) THEN 1 ELSE 0 END) AS is_chronic
FROM conditions AS c
JOIN rule_pains AS k ON SUBSTRING(UPPER(c.icd10), 1, 5) = k.prefix
WHERE (c.since IS NULL OR c.since <= $last_on) AND (c.until IS NULL OR c.until >= $first_on)
GROUP BY c.patient_id;

-- step: facility_days
-- Days of the month, while the patient lived, spent in the stays on which CCM minutes do not count.
SELECT p.patient_id, CAST(COUNT(DISTINCT c.day_on) AS INTEGER) AS days
FROM stays AS s
JOIN rule_facilities AS k ON k.kind = s.kind
JOIN patients AS p ON p.patient_id = s.patient_id
JOIN days AS c ON c.day_on >= s.since AND (s.until IS NULL OR c.day_on <= s.until) AND (p.died_on IS NULL OR c.day_on <= p.died_on)
WHERE (c.day_on > s.since AND (s.until IS NULL OR c.day_on < s.until))
  OR (c.day_on = s.since AND k.closes_admission) OR (c.day_on = s.until AND k.closes_discharge)
GROUP BY p.patient_id;

-- step: facility_payments
SELECT
  patient_id,
  CASE
    WHEN MAX(CASE WHEN facility_paid_for_care_management THEN 1 ELSE 0 END) = 1 THEN TRUE
    WHEN MAX(CASE WHEN facility_paid_for_care_management IS NULL THEN 1 ELSE 0 END) = 1 THEN NULL
    ELSE FALSE
  END AS is_paid
FROM stays
WHERE since <= $last_on AND (until IS NULL OR until >= $first_on)
GROUP BY patient_id;

-- step: episodes
-- Agency service of the month as it stands to the biller; of several the one the biller signed, then the latest.
SELECT
  b.bill, e.kind, e.medicare_covered, e.plan_signed_by = b.biller_id AS is_signed, e.agency_npi, e.financial_interest,
  e.employed_by_agency, e.coordinated_this_month, e.since, e.until, e.certified_on, e.recertified_on, e.rowid AS row_no,
  b.patient_id,
  ROW_NUMBER() OVER (
    PARTITION BY b.bill, e.kind
    ORDER BY
      CASE WHEN e.plan_signed_by = b.biller_id THEN 1 ELSE 2 END, e.since DESC NULLS LAST, e.until DESC NULLS FIRST,
      e.medicare_covered DESC NULLS LAST, e.agency_npi NULLS LAST, e.recertified_on DESC NULLS LAST,
      e.certified_on DESC NULLS LAST, e.coordinated_this_month DESC NULLS LAST, e.financial_interest NULLS LAST,
      e.employed_by_agency NULLS LAST, e.rowid
  ) AS place
FROM agency_episodes AS e
JOIN bills AS b ON b.patient_id = e.patient_id
WHERE (COALESCE(e.since <= $last_on, TRUE) AND COALESCE(e.until >= $first_on, TRUE))
  OR e.certified_on BETWEEN $first_on AND $last_on OR e.recertified_on BETWEEN $first_on AND $last_on;

-- step: agency_months
SELECT
  e.bill, e.kind, e.medicare_covered, e.is_signed AS signed_by_biller, e.agency_npi IS NOT NULL AS agency_npi_known,
  e.financial_interest, e.employed_by_agency, e.coordinated_this_month AS coordinated,
  COALESCE(e.since BETWEEN $first_on AND $last_on, FALSE) OR COALESCE(e.certified_on BETWEEN $first_on AND $last_on, FALSE)
    AS started_in_month,
  CASE
    WHEN e.since IS NULL THEN NULL
    WHEN MAX(CASE WHEN o.medicare_covered THEN 1 ELSE 0 END) = 1 THEN TRUE
    WHEN MAX(CASE WHEN o.patient_id IS NOT NULL AND o.medicare_covered IS NULL THEN 1 ELSE 0 END) = 1 THEN NULL
    ELSE FALSE
  END AS prior_service_within_60_days,
  COALESCE(e.recertified_on BETWEEN $first_on AND $last_on, FALSE) AS recertified_in_month,
  CASE
    WHEN e.since IS NULL OR e.since > $last_on THEN 0
    ELSE GREATEST(0, 1 + DATEDIFF('day', e.since, LEAST(COALESCE(e.until, $last_on), $last_on)))
  END AS days_of_service
FROM episodes AS e
LEFT JOIN agency_episodes AS o
  ON o.patient_id = e.patient_id AND o.kind = e.kind AND o.since < e.since
  AND (o.until IS NULL OR DATEDIFF('day', o.until, e.since) <= $prior_service_days)
WHERE e.place = 1
GROUP BY
  e.bill, e.kind, e.medicare_covered, e.is_signed, e.agency_npi, e.financial_interest, e.employed_by_agency,
  e.coordinated_this_month, e.since, e.until, e.certified_on, e.recertified_on;

-- step: billed
-- Services billed in the month by anyone: code, how they stand to the biller, units, and whether the visit after a
-- discharge was that day.
SELECT DISTINCT
  b.bill, o.code, o.units, o.rowid AS row_no,
  CASE
    WHEN o.practitioner = b.biller_id THEN 'self'
    WHEN COALESCE(o.practice_id, p.practice_id) = s.practice_id AND COALESCE(o.specialty, p.specialty) = s.specialty
      THEN 'group_same_specialty'
    WHEN COALESCE(o.practice_id, p.practice_id) = s.practice_id THEN 'group'
    ELSE 'other'
  END AS relation,
  v.patient_id IS NOT NULL AS same_day_as_visit
FROM other_claims AS o
JOIN bills AS b ON b.patient_id = o.patient_id
JOIN persons AS s ON s.person_no = b.biller_no
LEFT JOIN persons AS p ON p.person_id = o.practitioner
LEFT JOIN discharges AS v ON v.patient_id = o.patient_id AND v.visit_on = o."on"
WHERE o."on" BETWEEN $first_on AND $last_on OR (o.since <= $last_on AND COALESCE(o.until, o."on") >= $first_on);

-- step: visit_codes
SELECT DISTINCT bill, code FROM seen WHERE is_own AND code IS NOT NULL AND on_day >= $first_on;

-- step: oversight_start
-- The first day on which the biller logged oversight in the month; the look-back for the visit runs from it.
SELECT b.bill, c.day_on
FROM (
  SELECT p.bill, MIN(p.start_s) AS start_s
  FROM (
    SELECT bill, person_no, program_no, logged_s AS start_s FROM pieces
    UNION ALL
    SELECT u.bill, u.person_no, u.program_no, c.start_s
    FROM untimed AS u JOIN bills AS b ON b.bill = u.bill JOIN calendar AS c ON c.zone_no = b.zone_no AND c.day_on = u.day_on
  ) AS p
  JOIN rule_programs AS r ON r.program_no = p.program_no AND r.program = 'cpo'
  JOIN bills AS b ON b.bill = p.bill AND b.biller_no = p.person_no
  GROUP BY p.bill
) AS f
JOIN bills AS b ON b.bill = f.bill
JOIN calendar AS c ON c.zone_no = b.zone_no AND c.start_s <= f.start_s AND c.end_s > f.start_s;

-- step: overseen
-- Did the biller see the patient face to face within the look-back before oversight?
SELECT
  b.bill,
  CASE
    WHEN MAX(CASE WHEN v.face_to_face AND v.day_no >= b.day_no - $oversight_months * 31 AND v.on_day <= b.day_on THEN 1 ELSE 0 END) = 1
      THEN TRUE
    WHEN MAX(CASE
      WHEN v.face_to_face IS NULL AND v.day_no >= b.day_no - $oversight_months * 31 AND v.on_day <= b.day_on THEN 1 ELSE 0
    END) = 1 THEN NULL
    WHEN MAX(b.seen_no) >= b.day_no - $oversight_months * 31 THEN NULL
    WHEN MAX(b.seen_no) IS NULL AND COUNT(v.on_day) = 0 THEN NULL
    ELSE FALSE
  END AS is_seen
FROM (
  SELECT
    b.bill, COALESCE(o.day_on, $last_on) AS day_on,
    (YEAR(COALESCE(o.day_on, $last_on)) * 12 + MONTH(COALESCE(o.day_on, $last_on))) * 31
      + DAY(COALESCE(o.day_on, $last_on)) AS day_no,
    (YEAR(b.last_seen_on) * 12 + MONTH(b.last_seen_on)) * 31
      + DAY(b.last_seen_on) AS seen_no
  FROM bills AS b
  LEFT JOIN oversight_start AS o ON o.bill = b.bill
) AS b
LEFT JOIN seen AS v ON v.bill = b.bill AND v.is_own
GROUP BY b.bill, b.day_no;

-- step: planned
-- The biller's extra planning in the month; the best of several.
SELECT
  b.bill,
  MIN(CASE
    WHEN v.bill IS NULL THEN 4
    WHEN e.beyond_usual_effort THEN 1
    WHEN e.beyond_usual_effort IS NULL THEN 2
    ELSE 3
  END) AS rank_no
FROM extra_planning AS e
JOIN bills AS b ON b.patient_id = e.patient_id AND b.biller_id = e."by"
LEFT JOIN (
  SELECT DISTINCT v.bill, v.on_day
  FROM seen AS v
  JOIN rule_planning AS q ON q.code = v.code AND v.on_day BETWEEN q.since AND q.until
  WHERE v.is_own AND (v.face_to_face OR v.telehealth) AND ' ' || v.discussed || ' ' LIKE '% ccm %'
) AS v ON v.bill = b.bill AND v.on_day = e."on"
WHERE e."on" BETWEEN $first_on AND $last_on
GROUP BY b.bill;

-- step: planned_before
SELECT DISTINCT b.bill
FROM other_claims AS o
JOIN bills AS b ON b.patient_id = o.patient_id AND b.biller_id = o.practitioner
WHERE o.code = $planning_code AND o."on" < $first_on;

-- step: decisions_made
-- The highest complexity of the biller's decision-making recorded for the month.
SELECT d.patient_id, d.practitioner, d.month, MAX(v.level_no) AS level_no
FROM decision_making AS d
JOIN rule_complexity AS v ON v.level = d.level
WHERE d.month = $month
GROUP BY d.patient_id, d.practitioner, d.month;

-- step: met_in_person
-- Did the biller see the patient face to face, and not by telehealth, in the month?
SELECT
  bill,
  MAX(CASE WHEN face_to_face AND NOT COALESCE(telehealth, FALSE) THEN 1 ELSE 0 END) AS is_met,
  MAX(CASE WHEN face_to_face IS NULL AND NOT COALESCE(telehealth, FALSE) THEN 1 ELSE 0 END) AS is_open
FROM seen
WHERE is_own AND on_day >= $first_on
GROUP BY bill;

-- step: months
SELECT
  b.bill, b.row_no, b.patient_id AS patient, b.biller_id AS biller,
  COALESCE(c.payer, 'medicare_ffs') AS payer, COALESCE(k.kind, c.payer, 'medicare_ffs') AS payer_kind, c.plan,
  COALESCE(l.setting, g.setting, 'office') AS setting, g.locality,
  c.part_b, c.qmb,
  CASE WHEN b.died_on < $first_on THEN 'before' WHEN b.died_on <= $last_on THEN 'in_month' ELSE 'no' END AS died,
  p.residence, y.is_paid AS facility_paid_for_care_management,
  COALESCE(i.chronic_conditions, 0) AS chronic_conditions,
  COALESCE(i.chronic_conditions_possible, 0) AS chronic_conditions_possible,
  i.significant_risk, i.complex_condition, i.serious_condition, h.is_chronic = 1 AS chronic_pain, p.complex_multidisciplinary_care,
  COALESCE(f.days, 0) AS days_in_facility,
  CASE
    WHEN b.died_on < $first_on THEN 0
    WHEN b.died_on <= $last_on THEN CAST(DAY(b.died_on) AS INTEGER)
    ELSE $days_of_month
  END AS days_alive,
  s.kind AS biller_kind, s.specialty AS biller_specialty, s.in_global_period, s.outside_us AS biller_outside_us,
  g.access_24_7, g.certified_ehr, COALESCE(g.prefers, 'payment') AS prefers, v.level AS mdm, o.is_seen AS visit_within_6_months,
  l.elects, l.asked,
  CASE e.rank_no WHEN 1 THEN 'on_initiating_visit' WHEN 2 THEN 'unknown' WHEN 3 THEN 'not_beyond_usual' WHEN 4 THEN 'other_day'
    ELSE 'none' END AS extra_planning,
  q.bill IS NOT NULL AS extra_planning_billed_before,
  l.primary_care_focal_point, l.able_to_furnish_all, l.quality_reporting,
  CASE WHEN w.is_met = 1 THEN TRUE WHEN w.is_open = 1 THEN NULL ELSE FALSE END AS seen_in_person
FROM bills AS b
JOIN panel AS l ON l.patient_id = b.patient_id AND l.biller_id = b.biller_id
JOIN patients AS p ON p.patient_id = b.patient_id
JOIN persons AS s ON s.person_no = b.biller_no
LEFT JOIN practices AS g ON g.practice_id = s.practice_id
LEFT JOIN payers AS c ON c.patient_id = b.patient_id
LEFT JOIN rule_payers AS k ON k.payer = c.payer
LEFT JOIN illness_sums AS i ON i.patient_id = b.patient_id
LEFT JOIN pains AS h ON h.patient_id = b.patient_id
LEFT JOIN facility_days AS f ON f.patient_id = b.patient_id
LEFT JOIN facility_payments AS y ON y.patient_id = b.patient_id
LEFT JOIN decisions_made AS d ON d.patient_id = b.patient_id AND d.practitioner = b.biller_id
LEFT JOIN rule_complexity AS v ON v.level_no = d.level_no
LEFT JOIN overseen AS o ON o.bill = b.bill
LEFT JOIN planned AS e ON e.bill = b.bill
LEFT JOIN planned_before AS q ON q.bill = b.bill
LEFT JOIN met_in_person AS w ON w.bill = b.bill;
