-- Days of the acts that some codes pay for, which their lines carry.

-- step: oversight_ends
-- Where the biller's oversight that counts ended, in seconds of the month.
SELECT p.bill, p.end_s
FROM day_pieces AS p
JOIN rule_programs AS r ON r.program_no = p.program_no AND r.program = 'cpo'
WHERE p.role_no = 2 AND p.reason_no = $counted
UNION ALL
SELECT p.bill, p.end_s
FROM pieces AS p
JOIN rule_programs AS r ON r.program_no = p.program_no AND r.program = 'cpo'
LEFT JOIN parted AS k ON k.bill = p.bill AND k.program_no = p.program_no
WHERE k.bill IS NULL AND p.role_no = 2 AND p.reason_no = $counted AND p.start_s < p.end_s
UNION ALL
SELECT p.bill, p.end_s
FROM untimed_days AS p
JOIN rule_programs AS r ON r.program_no = p.program_no AND r.program = 'cpo'
WHERE p.role_no = 2 AND p.reason_no = $counted;

-- step: own_dates
-- The last such day in the month, by code: oversight carries its documented days, of them the last.
SELECT a.bill, c.code, MAX(a.on_day) AS on_day
FROM (
  SELECT b.bill, 'planned' AS act, e."on" AS on_day
  FROM extra_planning AS e
  JOIN bills AS b ON b.patient_id = e.patient_id AND b.biller_id = e."by"
  UNION ALL
  SELECT b.bill, 'certified', COALESCE(e.certified_on, e.since)
  FROM agency_episodes AS e
  JOIN bills AS b ON b.patient_id = e.patient_id
  WHERE e.kind = 'home_health'
  UNION ALL
  SELECT b.bill, 'recertified', e.recertified_on
  FROM agency_episodes AS e
  JOIN bills AS b ON b.patient_id = e.patient_id
  WHERE e.kind = 'home_health'
  UNION ALL
  SELECT o.bill, 'oversaw', c.day_on
  FROM oversight_ends AS o
  JOIN bills AS b ON b.bill = o.bill
  JOIN calendar AS c ON c.zone_no = b.zone_no AND c.start_s < o.end_s AND c.end_s >= o.end_s
  UNION ALL
  SELECT bill, 'visited', visit_on FROM discharge_days
  UNION ALL
  SELECT o.bill, 'talked', o.day_on
  FROM own_days AS o
  JOIN rule_programs AS r ON r.program_no = o.program_no AND r.program = 'acp'
  UNION ALL
  SELECT v.bill, 'assessed', v.on_day
  FROM seen AS v
  JOIN rule_acts AS q ON q.act = 'assessed' AND q.code = v.code
  WHERE v.is_own
) AS a
JOIN rule_acts AS c ON c.act = a.act
WHERE a.on_day BETWEEN $first_on AND $last_on
GROUP BY a.bill, c.code;
