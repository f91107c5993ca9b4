-- Time entries: what kind of work each is, and who holds which second. Seconds are counted from $lo_s, the first second
-- of the month in any time zone.

-- step: work
-- A row for each kind of work logged in the month, with what its wording, its note and the visit it belongs to decide.
SELECT
  w.work_no, w.programs, w.activity, w.documented, w.part_of_visit, w.patient_present, r.program_no,
  COALESCE(a.direct_contact, FALSE) OR w.patient_present AS is_contact,
  CASE
    WHEN w.part_of_visit THEN $part_of_visit
    WHEN w.patient_present AND NOT r.counts_presence THEN $activity_not_counted
    WHEN g.activity IS NOT NULL AND NOT COALESCE(a.counts, FALSE) THEN $activity_not_counted
    WHEN g.activity IS NULL THEN $activity_unknown
    WHEN w.documented = 0 OR (w.documented = 2 AND r.needs_documentation) THEN $not_documented
    ELSE $counted
  END AS reason_no
FROM work_kinds AS w
JOIN rule_logged AS l ON l.programs = w.programs AND l.place = 1
JOIN rule_programs AS r ON r.program_no = l.program_no
LEFT JOIN rule_wordings AS g ON g.wording = w.activity
LEFT JOIN rule_activities AS a ON a.program_no = r.program_no AND a.activity = g.activity;

-- step: work_also
-- Further programs the same stretch was logged to: the first one named uses it, the others never do.
SELECT w.work_no, l.program_no
FROM work AS w
JOIN rule_logged AS l ON l.programs = w.programs AND l.place > 1;

-- step: in_turn
-- Stretches of the month, person by person in the order in which they started.
SELECT
  p.person_no, COALESCE(n.patient_no, 0) AS patient_no, w.work_no, e.rowid AS entry_no,
  CAST(e.start_s - $lo_s AS INTEGER) AS start_s, CAST(e.end_s - $lo_s AS INTEGER) AS end_s
FROM time_entries AS e
JOIN persons AS p ON p.person_id = e."by"
JOIN work_kinds AS w ON w.programs = e.programs
  AND w.activity = COALESCE(e.activity, '') AND w.documented = COALESCE(CAST(e.documented AS INTEGER), 2)
  AND w.part_of_visit = COALESCE(e.part_of_visit, FALSE)
  AND w.patient_present = COALESCE(e.patient_present, FALSE)
LEFT JOIN patient_numbers AS n ON n.patient_id = e.patient_id
WHERE e.start_s < $hi_s AND e.end_s > $lo_s
ORDER BY person_no, start_s, end_s DESC, patient_no, work_no;

-- step: held
-- A person holds a second once, for whichever patient: the entry that started first keeps it, so of each entry is held
-- what lies after the last end of those before it. Rows are read as they stand, in turn, and a person's ends lie above
-- those of everybody before them, so one running maximum serves all; sorting by person once more would cost as much again.
SELECT
  person_no, patient_no, work_no, entry_no, start_s, end_s,
  CAST(GREATEST(start_s, COALESCE(LAG(last_end) OVER () - CAST(person_no AS BIGINT) * $above, start_s)) AS INTEGER) AS held_s
FROM (
  SELECT
    *, MAX(CAST(person_no AS BIGINT) * $above + end_s) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_end
  FROM in_turn
) AS running;

-- step: pieces
-- Each entry cut to the month: logged from logged_s, held from start_s, both to end_s; whose time it is, and the reason
-- why it does not count as far as person and work decide. Role 2 is the biller's own time.
SELECT
  b.bill, w.program_no, h.person_no, h.entry_no,
  CASE WHEN h.person_no = b.biller_no THEN 2 ELSE COALESCE(c.role_no, 1) END AS role_no,
  LEAST(
    w.reason_no,
    CASE
      WHEN h.person_no = b.biller_no THEN CASE WHEN b.is_outside_us AND NOT r.counts_outside_us THEN $outside_us ELSE $counted END
      ELSE COALESCE(c.reason_no, $not_integrated)
    END
  ) AS reason_no,
  w.is_contact,
  GREATEST(h.start_s, b.month_start_s) AS logged_s,
  LEAST(GREATEST(h.held_s, b.month_start_s), LEAST(h.end_s, b.month_end_s)) AS start_s,
  LEAST(h.end_s, b.month_end_s) AS end_s
FROM held AS h
JOIN bills AS b ON b.patient_no = h.patient_no
JOIN work AS w ON w.work_no = h.work_no
JOIN rule_programs AS r ON r.program_no = w.program_no
LEFT JOIN crew AS c ON c.practice_no = b.practice_no AND c.person_no = h.person_no AND c.program_no = w.program_no
WHERE h.start_s < b.month_end_s AND h.end_s > b.month_start_s;

-- step: untimed
-- Entries with a day and a length only: placed on their day, added whole, since nothing shows that they overlap.
SELECT
  b.bill, w.program_no, p.person_no, w.work_no, e.rowid AS entry_no, e."on" AS day_on, CAST(e.seconds AS INTEGER) AS seconds,
  CASE WHEN p.person_no = b.biller_no THEN 2 ELSE COALESCE(c.role_no, 1) END AS role_no,
  LEAST(
    w.reason_no,
    CASE
      WHEN p.person_no = b.biller_no THEN CASE WHEN b.is_outside_us AND NOT r.counts_outside_us THEN $outside_us ELSE $counted END
      ELSE COALESCE(c.reason_no, $not_integrated)
    END
  ) AS reason_no,
  w.is_contact
FROM time_entries AS e
JOIN persons AS p ON p.person_id = e."by"
JOIN bills AS b ON b.patient_id = e.patient_id
JOIN work AS w ON w.programs = e.programs
  AND w.activity = COALESCE(e.activity, '') AND w.documented = COALESCE(CAST(e.documented AS INTEGER), 2)
  AND w.part_of_visit = COALESCE(e.part_of_visit, FALSE)
  AND w.patient_present = COALESCE(e.patient_present, FALSE)
JOIN rule_programs AS r ON r.program_no = w.program_no
LEFT JOIN crew AS c ON c.practice_no = b.practice_no AND c.person_no = p.person_no AND c.program_no = w.program_no
WHERE (e.start_s IS NULL OR e.end_s IS NULL) AND e.seconds > 0 AND e."on" BETWEEN $first_on AND $through_on;

-- step: sums
-- One pass over the pieces: what was logged, what was held twice, and what counts so far, by patient, biller and program.
SELECT
  bill, program_no,
  SUM(end_s - logged_s) AS logged_s,
  SUM(start_s - logged_s) AS twice_s,
  MAX(end_s) AS last_logged_s,
  SUM(CASE WHEN reason_no = $counted AND role_no = 1 THEN end_s - start_s ELSE 0 END) AS staff_s,
  SUM(CASE WHEN reason_no = $counted AND role_no = 2 THEN end_s - start_s ELSE 0 END) AS own_s,
  SUM(CASE WHEN reason_no = $counted AND role_no = 3 THEN end_s - start_s ELSE 0 END) AS others_s,
  MIN(CASE WHEN reason_no = $counted AND start_s < end_s THEN person_no END) AS one_person,
  MAX(CASE WHEN reason_no = $counted AND start_s < end_s THEN person_no END) AS another_person,
  MAX(CASE WHEN reason_no = $counted AND start_s < end_s AND is_contact THEN 1 ELSE 0 END) AS contact
FROM pieces
GROUP BY bill, program_no;

-- step: also
-- The same stretches as the programs saw them that may not use them.
SELECT
  b.bill, a.program_no,
  LEAST(h.end_s, b.month_end_s) - GREATEST(h.start_s, b.month_start_s) AS logged_s,
  LEAST(GREATEST(h.held_s, b.month_start_s), LEAST(h.end_s, b.month_end_s)) - GREATEST(h.start_s, b.month_start_s) AS twice_s,
  LEAST(h.end_s, b.month_end_s) AS last_logged_s
FROM held AS h
JOIN work_also AS a ON a.work_no = h.work_no
JOIN bills AS b ON b.patient_no = h.patient_no
WHERE h.start_s < b.month_end_s AND h.end_s > b.month_start_s
UNION ALL
SELECT u.bill, a.program_no, u.seconds, 0, c.end_s
FROM untimed AS u
JOIN work_also AS a ON a.work_no = u.work_no
JOIN bills AS b ON b.bill = u.bill
JOIN calendar AS c ON c.zone_no = b.zone_no AND c.day_on = u.day_on;
