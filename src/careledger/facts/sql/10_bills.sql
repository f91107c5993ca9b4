-- Who is treated, who works, who bills: everybody gets a small number, so that the wide tables stay narrow.

-- step: patient_numbers
-- Numbered in the order of their ids, so that ties between patients fall alike alone and in a crowd.
SELECT patient_id, CAST(ROW_NUMBER() OVER (ORDER BY patient_id) AS INTEGER) AS patient_no, died_on
FROM patients;

-- step: practice_numbers
-- A person without a practice stands in practice 0, which is nobody's but their own kind's.
SELECT practice_id, CAST(ROW_NUMBER() OVER (ORDER BY practice_id) AS SMALLINT) AS practice_no, time_zone
FROM practices;

-- step: persons
SELECT
  p.person_id, CAST(ROW_NUMBER() OVER (ORDER BY p.person_id) AS INTEGER) AS person_no,
  p.kind, p.practice_id, COALESCE(n.practice_no, 0) AS practice_no, p.specialty, p.supervision,
  COALESCE(p.outside_us, FALSE) AS is_outside_us, p.outside_us, p.in_global_period,
  COALESCE(n.time_zone, $default_zone) AS zone
FROM people AS p
LEFT JOIN practice_numbers AS n ON n.practice_id = p.practice_id;

-- step: bills
-- One row a patient and billing practitioner. Days and the month are those of the biller's practice.
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY n.patient_no, b.person_no) AS INTEGER) AS bill,
  n.patient_no, l.patient_id, l.biller_id, b.person_no AS biller_no, b.practice_no, b.is_outside_us,
  z.zone_no, z.start_s AS month_start_s, z.end_s AS month_end_s, n.died_on, l.row_no,
  l.established, l.last_seen_on
FROM (SELECT patient_id, biller_id, established, last_seen_on, ROW_NUMBER() OVER () - 1 AS row_no FROM panel) AS l
JOIN patient_numbers AS n ON n.patient_id = l.patient_id
JOIN persons AS b ON b.person_id = l.biller_id
JOIN zones AS z ON z.zone = b.zone;

-- step: integrated
-- Whose practices a person works in: their own, and those of practitioners they are integrated with.
SELECT person_no, practice_no FROM persons
UNION
SELECT p.person_no, o.practice_no
FROM rule_integrated AS i
JOIN persons AS p ON p.person_id = i.person_id
JOIN persons AS o ON o.person_id = i.with_id;

-- step: crew
-- What a person's time is worth to another practitioner's program in a practice: role 1 staff, 3 another practitioner.
SELECT
  i.practice_no, i.person_no, r.program_no,
  CASE WHEN k.role = 'staff' THEN 1 ELSE 3 END AS role_no,
  CASE
    WHEN NOT r.counts_others THEN $not_this_practitioner
    WHEN k.role IS NULL THEN $not_clinical
    WHEN NOT r.counts_practitioners AND k.role = 'practitioner' THEN $not_this_practitioner
    WHEN r.names_levels AND v.level IS NULL THEN $no_supervision
    WHEN p.is_outside_us AND NOT r.counts_outside_us THEN $outside_us
    ELSE $counted
  END AS reason_no
FROM integrated AS i
JOIN persons AS p ON p.person_no = i.person_no
CROSS JOIN rule_programs AS r
LEFT JOIN rule_kinds AS k ON k.program_no = r.program_no AND k.kind = p.kind
LEFT JOIN rule_levels AS v ON v.program_no = r.program_no AND v.level = p.supervision;
