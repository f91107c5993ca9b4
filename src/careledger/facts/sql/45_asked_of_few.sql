-- Facts that the policy of a few programs asks for; nobody else is looked at.

-- step: needs_recorded
-- Are need and plan recorded at a visit that may open the program?
SELECT
  b.bill, r.program_no,
  MAX(CASE WHEN v.need_and_plan_documented THEN 1 ELSE 0 END) AS is_recorded,
  MAX(CASE WHEN v.need_and_plan_documented IS NULL THEN 1 ELSE 0 END) AS is_open
FROM visits AS v
JOIN bills AS b ON b.patient_id = v.patient_id AND b.biller_id = v.practitioner
JOIN rule_programs AS r ON r.needs_need
JOIN rule_codes AS q ON q.program_no = r.program_no AND q.code = v.code AND v."on" BETWEEN q.since AND q.until
WHERE v."on" <= $last_on
GROUP BY b.bill, r.program_no;

-- step: trained
-- Is everybody certified or trained whose staff time counts, and are they peers?
SELECT
  t.bill, t.program_no,
  MIN(CASE WHEN p.certified_or_trained THEN 1 ELSE 0 END) AS is_all,
  MAX(CASE WHEN NOT p.certified_or_trained THEN 1 ELSE 0 END) AS is_some_not,
  MAX(CASE WHEN k.kind IS NOT NULL THEN 1 ELSE 0 END) AS is_some_peer,
  MAX(CASE WHEN k.kind IS NULL THEN 1 ELSE 0 END) AS is_some_other
FROM (
  SELECT p.bill, p.program_no, p.person_no
  FROM pieces AS p
  JOIN rule_programs AS r ON r.program_no = p.program_no AND r.needs_training
  LEFT JOIN parted AS k ON k.bill = p.bill AND k.program_no = p.program_no
  WHERE k.bill IS NULL AND p.reason_no = $counted AND p.role_no = 1
  UNION
  SELECT p.bill, p.program_no, p.person_no
  FROM day_pieces AS p
  JOIN rule_programs AS r ON r.program_no = p.program_no AND r.needs_training
  WHERE p.reason_no = $counted AND p.role_no = 1
  UNION
  SELECT u.bill, u.program_no, u.person_no
  FROM untimed AS u
  JOIN rule_programs AS r ON r.program_no = u.program_no AND r.needs_training
  WHERE u.reason_no = $counted AND u.role_no = 1
) AS t
JOIN persons AS n ON n.person_no = t.person_no
JOIN people AS p ON p.person_id = n.person_id
LEFT JOIN rule_peers AS k ON k.kind = p.kind
GROUP BY t.bill, t.program_no;

-- step: own_days
-- Days on which the biller's own time counts, for programs that do not add up the time of several days.
SELECT p.bill, p.program_no, c.day_on
FROM (
  SELECT p.bill, p.program_no, p.start_s
  FROM pieces AS p
  LEFT JOIN parted AS k ON k.bill = p.bill AND k.program_no = p.program_no
  WHERE k.bill IS NULL AND p.reason_no = $counted AND p.role_no = 2 AND p.start_s < p.end_s
  UNION ALL
  SELECT bill, program_no, start_s FROM day_pieces WHERE reason_no = $counted AND role_no = 2
) AS p
JOIN rule_programs AS r ON r.program_no = p.program_no AND r.needs_one_day
JOIN bills AS b ON b.bill = p.bill
JOIN calendar AS c ON c.zone_no = b.zone_no AND c.start_s <= p.start_s AND c.end_s > p.start_s
UNION
SELECT u.bill, u.program_no, c.day_on
FROM untimed_days AS u
JOIN rule_programs AS r ON r.program_no = u.program_no AND r.needs_one_day
JOIN bills AS b ON b.bill = u.bill
JOIN calendar AS c ON c.zone_no = b.zone_no AND c.start_s = u.start_s
WHERE u.reason_no = $counted AND u.role_no = 2;

-- step: own_day_counts
SELECT bill, program_no, COUNT(*) AS days FROM own_days GROUP BY bill, program_no;

-- step: program_further
-- Further facts of programs, for those that need them.
SELECT
  s.bill, s.program_no,
  COALESCE(COALESCE(t.enrolled_on, d.ever_given_on) BETWEEN $first_on AND $last_on, FALSE) AS starts_in_month,
  CASE WHEN n.is_recorded = 1 THEN TRUE WHEN n.is_open = 1 THEN NULL WHEN n.bill IS NOT NULL THEN FALSE END AS need_and_plan,
  CASE WHEN a.is_all = 1 THEN TRUE WHEN a.is_some_not = 1 THEN FALSE END AS all_trained,
  CASE WHEN a.is_some_peer = 1 AND a.is_some_other = 1 THEN 'both' WHEN a.is_some_peer = 1 THEN 'peers'
    WHEN a.is_some_other = 1 THEN 'others' END AS worked_by,
  o.days = 1 AS on_one_day
FROM slots AS s
JOIN rule_programs AS r ON r.program_no = s.program_no AND r.needs_further
LEFT JOIN starts AS t ON t.bill = s.bill AND t.program_no = s.program_no
LEFT JOIN consent_days AS d ON d.bill = s.bill AND d.program_no = s.program_no
LEFT JOIN needs_recorded AS n ON n.bill = s.bill AND n.program_no = s.program_no
LEFT JOIN trained AS a ON a.bill = s.bill AND a.program_no = s.program_no
LEFT JOIN own_day_counts AS o ON o.bill = s.bill AND o.program_no = s.program_no;
