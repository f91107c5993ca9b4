-- Facts of single families: devices, discharges, behavioural care, primary care, what was billed before the month.

-- step: device_months
-- Devices set up, in use, or with a period that ends, in the month; one whose days are not known stands in every month.
SELECT DISTINCT
  b.bill, d.kind, d.system, d.rowid AS row_no,
  CASE WHEN d.set_up_on IS NULL THEN NULL ELSE d.set_up_on BETWEEN $first_on AND $last_on END AS is_set_up_in_month,
  d.first_use,
  CASE WHEN d.period_until BETWEEN $first_on AND $last_on THEN 'ends_in_month' WHEN d.period_until > $last_on THEN 'ends_later'
    ELSE 'unknown' END AS period,
  1 + DATEDIFF('day', d.period_since, d.period_until) AS period_days,
  CASE WHEN d.period_until > $last_on THEN NULL ELSE d.days_with_data END AS days_with_data,
  d.live_contact, d.fda_device, d.auto_transmits
FROM devices AS d
JOIN bills AS b ON b.patient_id = d.patient_id
WHERE COALESCE(d.set_up_on BETWEEN $first_on AND $last_on, FALSE)
  OR (COALESCE(d.period_since <= $last_on, TRUE) AND COALESCE(d.period_until >= $first_on, TRUE)
    AND COALESCE(d.set_up_on <= $last_on, TRUE));

-- step: discharge_days
-- Discharges whose visit, or without one whose own day, lies in the month, with their days counted.
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY b.bill, d."on", d."from", d.visit_on, d.contact_on) AS INTEGER) AS place,
  b.bill, b.biller_id, b.practice_no, d.rowid AS row_no, d."from" AS from_kind, d."to" AS to_place, d."on" AS on_day,
  d.contact_on, d.contact_by, d.contact_attempts, d.contact_attempted_on, d.contact_before_discharge,
  d.visit_on, d.visit_by, d.visit_separate, d.medication_reconciled_on, d.non_face_to_face_services,
  DATEDIFF('day', d."on", d.visit_on) AS visit_days,
  DATEDIFF('day', d."on", d.readmitted_on) AS readmitted_days,
  CASE WHEN b.died_on >= d."on" THEN DATEDIFF('day', d."on", b.died_on) END AS died_days,
  DATEDIFF('day', d."on", $last_on) + 1 >= $transition_days AS is_period_over,
  DATEDIFF('day', d."on", $last_on) >= $visit_days AS is_visit_over
FROM discharges AS d
JOIN bills AS b ON b.patient_id = d.patient_id
WHERE COALESCE(d.visit_on, d."on") BETWEEN $first_on AND $last_on;

-- step: attempts
-- Attempts on days that are at most the allowed number of business days after the discharge.
SELECT
  d.place,
  SUM(
    (LENGTH(d.contact_attempted_on) - LENGTH(REPLACE(d.contact_attempted_on, w.day_text, ''))) / LENGTH(w.day_text)
  ) AS timely
FROM discharge_days AS d
JOIN workdays AS s ON s.day_on = d.on_day
JOIN workdays AS w ON w.day_on >= d.on_day AND w.number - s.number <= $contact_days
WHERE d.contact_attempted_on <> ''
GROUP BY d.place;

-- step: discharge_months
SELECT
  d.bill, d.row_no, d.from_kind, d.to_place AS "to",
  c.number - s.number AS contact_business_days,
  CASE WHEN d.contact_on < d.on_day THEN TRUE ELSE d.contact_before_discharge END AS contact_before_discharge,
  k.kind AS contact_by_kind,
  CAST(CASE WHEN d.contact_attempted_on <> '' THEN COALESCE(a.timely, 0) ELSE d.contact_attempts END AS INTEGER) AS timely_attempts,
  d.visit_days,
  CASE
    WHEN d.visit_by IS NULL THEN NULL
    WHEN d.visit_by = d.biller_id THEN 'self'
    WHEN v.practice_no = d.practice_no THEN 'group'
    ELSE 'other'
  END AS visit_by,
  d.visit_separate,
  CASE WHEN d.medication_reconciled_on IS NULL OR d.visit_on IS NULL THEN NULL ELSE d.medication_reconciled_on <= d.visit_on END
    AS reconciled_by_visit,
  d.readmitted_days, CASE WHEN d.died_days < $transition_days THEN d.died_days END AS died_days,
  d.non_face_to_face_services, d.is_period_over AS period_ends_in_month, d.is_visit_over AS visit_time_ends_in_month
FROM discharge_days AS d
LEFT JOIN workdays AS s ON s.day_on = d.on_day
LEFT JOIN workdays AS c ON c.day_on = d.contact_on
LEFT JOIN persons AS k ON k.person_id = d.contact_by
LEFT JOIN persons AS v ON v.person_id = d.visit_by
LEFT JOIN attempts AS a ON a.place = d.place;

-- step: behavioral_months
-- One row a patient: what any record says holds, what only some leave open stays open.
SELECT
  b.bill,
  MAX(h.diagnosis) AS diagnosis, MAX(h.initiating_month) AS initiating_month, MAX(h.validated_scale) AS validated_scale,
  MAX(CASE WHEN h.psychiatric_consultant IS NOT NULL THEN TRUE ELSE FALSE END) AS consultant_named,
  MIN(h.service) AS service, MAX(h.elements_documented) AS elements_documented
FROM behavioral AS h
JOIN bills AS b ON b.patient_id = h.patient_id
GROUP BY b.bill;

-- step: billed_before
-- Codes billed before the month, within the look-back that policy names for them, and by whom.
SELECT DISTINCT
  b.bill, o.code,
  CASE
    WHEN o.practitioner = b.biller_id THEN 'self'
    WHEN COALESCE(o.practice_id, p.practice_id) = s.practice_id AND COALESCE(o.specialty, p.specialty) = s.specialty
      THEN 'group_same_specialty'
    WHEN COALESCE(o.practice_id, p.practice_id) = s.practice_id THEN 'group'
    ELSE 'other'
  END AS relation
FROM other_claims AS o
JOIN rule_lookbacks AS r ON r.code = o.code
JOIN bills AS b ON b.patient_id = o.patient_id
JOIN persons AS s ON s.person_no = b.biller_no
LEFT JOIN persons AS p ON p.person_id = o.practitioner
WHERE o."on" < $first_on AND o."on" >= r.since_on;
