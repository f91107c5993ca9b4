-- From what was held to what counts: days that are closed to a program, and two people at once.

-- step: closed_months
-- Keys for which no day of the month is open, with the reason. Consent never recorded closes the month as well; that is
-- read from its absence where the reason is needed.
SELECT bill, program_no, MIN(reason_no) AS reason_no
FROM (
  SELECT b.bill, r.program_no, $after_death AS reason_no
  FROM bills AS b CROSS JOIN rule_programs AS r
  WHERE b.died_on < $first_on
  UNION ALL
  SELECT s.bill, s.program_no, CASE WHEN c.was_given = 1 THEN $after_revocation ELSE $before_consent END
  FROM slots AS s
  JOIN rule_programs AS r ON r.program_no = s.program_no AND r.needs_consent
  LEFT JOIN consent_days AS c ON c.bill = s.bill AND c.program_no = s.program_no
  WHERE COALESCE(c.is_some, 0) = 0
  UNION ALL
  SELECT s.bill, s.program_no, $before_start
  FROM starts AS s
  LEFT JOIN initiating AS i ON i.bill = s.bill AND i.program_no = s.program_no
  WHERE s.enrolled_on > $last_on OR i.opened_on > $last_on
) AS closed
GROUP BY bill, program_no;

-- step: closed_days
-- Single days on which a program's minutes do not count: of several reasons the first in the order of precedence, and
-- none that the whole month already has.
SELECT d.bill, d.program_no, d.day_on, MIN(d.reason_no) AS reason_no
FROM (
  SELECT b.bill, r.program_no, c.day_on, $after_death AS reason_no
  FROM bills AS b
  JOIN days AS c ON c.day_on > b.died_on
  CROSS JOIN rule_programs AS r
  WHERE b.died_on BETWEEN $first_on AND $last_on
  UNION ALL
  SELECT b.bill, r.program_no, c.day_on, $in_facility
  FROM stays AS s
  JOIN rule_stays AS k ON k.kind = s.kind
  JOIN rule_programs AS r ON r.program_no = k.program_no
  JOIN bills AS b ON b.patient_id = s.patient_id
  JOIN days AS c ON c.day_on >= s.since AND (s.until IS NULL OR c.day_on <= s.until)
  WHERE (c.day_on > s.since AND (s.until IS NULL OR c.day_on < s.until))
    OR (c.day_on = s.since AND r.closes_admission)
    OR (c.day_on = s.until AND r.closes_discharge)
  UNION ALL
  -- Oversight needs a patient whom an agency serves: where episodes are recorded, days outside all of them are closed.
  SELECT b.bill, r.program_no, c.day_on, $outside_episode
  FROM (
    SELECT DISTINCT patient_id FROM agency_episodes
    WHERE kind IN ('home_health', 'hospice') AND COALESCE(since <= $last_on, TRUE) AND COALESCE(until >= $first_on, TRUE)
  ) AS s
  JOIN bills AS b ON b.patient_id = s.patient_id
  JOIN rule_programs AS r ON r.program = 'cpo'
  CROSS JOIN days AS c
  LEFT JOIN agency_episodes AS e
    ON e.patient_id = s.patient_id AND e.kind IN ('home_health', 'hospice')
    AND COALESCE(e.since <= c.day_on, TRUE) AND COALESCE(e.until >= c.day_on, TRUE)
  WHERE e.patient_id IS NULL
  UNION ALL
  SELECT k.bill, k.program_no, c.day_on,
    CASE WHEN MAX(CASE WHEN o.given_on <= c.day_on THEN 1 ELSE 0 END) = 1 THEN $after_revocation ELSE $before_consent END
  FROM consent_days AS k
  JOIN rule_programs AS r ON r.program_no = k.program_no AND r.needs_consent
  CROSS JOIN days AS c
  LEFT JOIN consent_rows AS o ON o.bill = k.bill AND o.program_no = k.program_no AND o.is_covering
  WHERE k.is_some = 1 AND k.is_whole = 0
  GROUP BY k.bill, k.program_no, c.day_on
  HAVING MAX(CASE WHEN o.given_on <= c.day_on AND (o.ended_on IS NULL OR o.ended_on >= c.day_on) THEN 1 ELSE 0 END) = 0
  UNION ALL
  SELECT s.bill, s.program_no, c.day_on, $before_start
  FROM starts AS s
  LEFT JOIN initiating AS i ON i.bill = s.bill AND i.program_no = s.program_no
  JOIN days AS c ON c.day_on < s.enrolled_on OR c.day_on < i.opened_on
  WHERE s.enrolled_on > $first_on OR i.opened_on > $first_on
) AS d
LEFT JOIN closed_months AS m ON m.bill = d.bill AND m.program_no = d.program_no
WHERE d.reason_no < COALESCE(m.reason_no, $counted)
GROUP BY d.bill, d.program_no, d.day_on;

-- step: parted
-- Keys with some closed days, whose pieces have to be parted day by day.
SELECT DISTINCT bill, program_no FROM closed_days;

-- step: parted_pieces
SELECT p.*, b.zone_no
FROM pieces AS p
JOIN parted AS k ON k.bill = p.bill AND k.program_no = p.program_no
JOIN bills AS b ON b.bill = p.bill
WHERE p.start_s < p.end_s;

-- step: day_pieces
-- Their pieces, parted at the borders of days, with the day's reason where it comes before the piece's own.
SELECT
  p.bill, p.program_no, p.person_no, p.entry_no, p.role_no, LEAST(p.reason_no, COALESCE(d.reason_no, $counted)) AS reason_no,
  p.is_contact, GREATEST(p.start_s, c.start_s) AS start_s, LEAST(p.end_s, c.end_s) AS end_s
FROM parted_pieces AS p
JOIN calendar AS c ON c.zone_no = p.zone_no AND c.start_s < p.end_s AND c.end_s > p.start_s
LEFT JOIN closed_days AS d ON d.bill = p.bill AND d.program_no = p.program_no AND d.day_on = c.day_on;

-- step: untimed_days
SELECT
  u.bill, u.program_no, u.entry_no, u.role_no, u.seconds, u.is_contact, c.start_s, c.end_s,
  LEAST(u.reason_no, COALESCE(d.reason_no, $counted), COALESCE(m.reason_no, $counted)) AS reason_no
FROM untimed AS u
JOIN bills AS b ON b.bill = u.bill
JOIN calendar AS c ON c.zone_no = b.zone_no AND c.day_on = u.day_on
LEFT JOIN closed_days AS d ON d.bill = u.bill AND d.program_no = u.program_no AND d.day_on = u.day_on
LEFT JOIN closed_months AS m ON m.bill = u.bill AND m.program_no = u.program_no;

-- step: untimed_sums
SELECT
  bill, program_no,
  SUM(seconds) AS logged_s,
  MAX(end_s) AS last_logged_s,
  SUM(CASE WHEN reason_no = $counted AND role_no = 1 THEN seconds ELSE 0 END) AS staff_s,
  SUM(CASE WHEN reason_no = $counted AND role_no = 2 THEN seconds ELSE 0 END) AS own_s,
  SUM(CASE WHEN reason_no = $counted THEN seconds ELSE 0 END) AS team_s,
  MAX(CASE WHEN reason_no = $counted AND is_contact THEN 1 ELSE 0 END) AS contact
FROM untimed_days
GROUP BY bill, program_no;

-- step: open_sums
-- What counts of the timed pieces, person by person, once closed days and closed months are taken away.
SELECT s.bill, s.program_no, FALSE AS is_parted, s.staff_s, s.own_s, s.others_s, s.one_person, s.another_person, s.contact
FROM sums AS s
LEFT JOIN parted AS k ON k.bill = s.bill AND k.program_no = s.program_no
LEFT JOIN closed_months AS m ON m.bill = s.bill AND m.program_no = s.program_no
WHERE k.bill IS NULL AND m.bill IS NULL
UNION ALL
SELECT
  p.bill, p.program_no, TRUE,
  SUM(CASE WHEN p.role_no = 1 THEN p.end_s - p.start_s ELSE 0 END),
  SUM(CASE WHEN p.role_no = 2 THEN p.end_s - p.start_s ELSE 0 END),
  SUM(CASE WHEN p.role_no = 3 THEN p.end_s - p.start_s ELSE 0 END),
  MIN(p.person_no), MAX(p.person_no), MAX(CASE WHEN p.is_contact THEN 1 ELSE 0 END)
FROM day_pieces AS p
LEFT JOIN closed_months AS m ON m.bill = p.bill AND m.program_no = p.program_no
WHERE p.reason_no = $counted AND m.bill IS NULL
GROUP BY p.bill, p.program_no;

-- step: shared
-- Pieces of keys in which more than one person counts, key by key in the order in which they started; only there can two
-- work at once. Those that start together may stand in any order: what they cover together stays the same.
SELECT bill, program_no, role_no, start_s, end_s, (CAST(bill AS BIGINT) * $programs + program_no) * $above AS above
FROM (
  SELECT p.bill, p.program_no, p.role_no, p.start_s, p.end_s
  FROM pieces AS p
  JOIN open_sums AS s ON s.bill = p.bill AND s.program_no = p.program_no
  WHERE p.reason_no = $counted AND p.start_s < p.end_s AND s.one_person < s.another_person AND NOT s.is_parted
  UNION ALL
  SELECT p.bill, p.program_no, p.role_no, p.start_s, p.end_s
  FROM day_pieces AS p
  JOIN open_sums AS s ON s.bill = p.bill AND s.program_no = p.program_no
  WHERE p.reason_no = $counted AND s.one_person < s.another_person
) AS counting
ORDER BY above + start_s;

-- step: at_once
-- Seconds counted for more than one person: of each piece what lies before the last end of those that started earlier.
-- The running maximum is that of step held: ends of a key lie above those of the keys before it.
SELECT
  bill, program_no,
  SUM(GREATEST(0, LEAST(end_s, team_end_s) - start_s)) AS team_s,
  SUM(CASE WHEN role_no = 1 THEN GREATEST(0, LEAST(end_s, staff_end_s) - start_s) ELSE 0 END) AS staff_s
FROM (
  SELECT
    bill, program_no, role_no, start_s, end_s,
    COALESCE(LAG(team_end) OVER () - above, start_s) AS team_end_s,
    COALESCE(LAG(staff_end) OVER () - above, start_s) AS staff_end_s
  FROM (
    SELECT
      *,
      MAX(above + end_s) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS team_end,
      MAX(CASE WHEN role_no = 1 THEN above + end_s END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS staff_end
    FROM shared
  ) AS running
) AS ordered
GROUP BY bill, program_no
HAVING SUM(GREATEST(0, LEAST(end_s, team_end_s) - start_s)) > 0;

-- step: losses
-- Every second that does not count, by reason.
SELECT bill, program_no, reason_no, SUM(seconds) AS seconds
FROM (
  SELECT bill, program_no, $same_person_twice AS reason_no, twice_s AS seconds FROM sums
  UNION ALL
  SELECT bill, program_no, $same_person_twice, twice_s FROM also
  UNION ALL
  SELECT bill, program_no, $other_program, logged_s - twice_s FROM also
  UNION ALL
  SELECT p.bill, p.program_no, LEAST(p.reason_no, COALESCE(m.reason_no, $counted)), p.end_s - p.start_s
  FROM pieces AS p
  LEFT JOIN parted AS k ON k.bill = p.bill AND k.program_no = p.program_no
  LEFT JOIN closed_months AS m ON m.bill = p.bill AND m.program_no = p.program_no
  WHERE k.bill IS NULL AND (p.reason_no < $counted OR m.bill IS NOT NULL)
  UNION ALL
  SELECT p.bill, p.program_no, LEAST(p.reason_no, COALESCE(m.reason_no, $counted)), p.end_s - p.start_s
  FROM day_pieces AS p
  LEFT JOIN closed_months AS m ON m.bill = p.bill AND m.program_no = p.program_no
  WHERE p.reason_no < $counted OR m.bill IS NOT NULL
  UNION ALL
  SELECT bill, program_no, reason_no, seconds FROM untimed_days WHERE reason_no < $counted
  UNION ALL
  SELECT bill, program_no, $two_at_once, team_s FROM at_once
) AS lost
WHERE seconds > 0
GROUP BY bill, program_no, reason_no;
