-- A row a patient, biller and program: everything a decision may know of a program.

-- step: consent_states
SELECT
  s.bill, s.program_no,
  CASE
    WHEN c.rank_no IS NULL THEN 'none'
    WHEN c.rank_no = 1 AND r.needs_consent AND d.first_given_on > $first_on AND g.start_s >= t.last_logged_s THEN 'later'
    WHEN c.rank_no = 1 THEN 'in_force'
    WHEN c.rank_no = 2 THEN 'not_documented'
    WHEN c.rank_no = 3 THEN 'revoked'
    WHEN c.rank_no = 4 THEN 'later'
    ELSE 'other_practitioner'
  END AS state,
  CASE WHEN NOT r.has_statements THEN '' WHEN c.covers IS NULL THEN 'unknown' ELSE l.lacks END AS lacks
FROM slots AS s
JOIN rule_programs AS r ON r.program_no = s.program_no
JOIN bills AS b ON b.bill = s.bill
LEFT JOIN consent_ranked AS c ON c.bill = s.bill AND c.program_no = s.program_no AND c.place = 1
LEFT JOIN consent_days AS d ON d.bill = s.bill AND d.program_no = s.program_no
LEFT JOIN calendar AS g ON g.zone_no = b.zone_no AND g.day_on = d.first_given_on
LEFT JOIN rule_consent_lacks AS l ON l.program_no = s.program_no AND l.covers = c.covers
LEFT JOIN (
  SELECT k.bill, k.program_no, MAX(n.last_logged_s) AS last_logged_s
  FROM (
    SELECT bill, program_no, last_logged_s FROM sums
    UNION ALL
    SELECT bill, program_no, last_logged_s FROM untimed_sums
    UNION ALL
    SELECT bill, program_no, last_logged_s FROM also
  ) AS n
  JOIN consent_days AS k ON k.bill = n.bill AND k.program_no = n.program_no AND k.first_given_on > $first_on
  GROUP BY k.bill, k.program_no
) AS t ON t.bill = s.bill AND t.program_no = s.program_no;

-- step: plan_states
SELECT
  p.bill, p.program_no,
  CASE WHEN p.established_on IS NULL THEN NULL ELSE p.established_on <= $last_on END AS is_there,
  CASE
    WHEN p.signed_by IS NULL THEN NULL
    WHEN p.signed_by = b.biller_id THEN TRUE
    ELSE COALESCE(s.practice_no = b.practice_no AND k.kind IS NOT NULL, FALSE)
  END AS is_signed,
  CASE WHEN p.copy_given_on IS NULL THEN NULL ELSE p.copy_given_on <= $last_on END AS is_copy_given,
  CASE WHEN p.elements IS NULL THEN 'unknown' ELSE l.lacks END AS lacks
FROM plans_ranked AS p
JOIN bills AS b ON b.bill = p.bill
LEFT JOIN persons AS s ON s.person_id = p.signed_by
LEFT JOIN practitioner_kinds AS k ON k.kind = s.kind
LEFT JOIN rule_plan_lacks AS l ON l.program_no = p.program_no AND l.elements = p.elements
WHERE p.place = 1;

-- step: program_months
-- Clocks: what counts person by person, less what was counted for two at once, and what was logged without clock times.
SELECT
  s.bill, s.program_no, r.program,
  c.state AS consent, c.lacks AS consent_lacks,
  COALESCE(i.state, 'not_needed') AS initiating,
  p.is_there AS plan_exists,
  CASE WHEN p.is_there THEN p.is_signed END AS plan_signed,
  CASE WHEN p.is_there THEN p.is_copy_given END AS plan_copy_given,
  CASE WHEN NOT r.has_elements THEN '' WHEN p.is_there THEN COALESCE(p.lacks, '') ELSE 'unknown' END AS plan_lacks,
  CASE WHEN p.is_there AND r.review_since IS NOT NULL THEN v.is_reviewed = 1 END AS plan_reviewed,
  CASE v.extent WHEN 2 THEN 'substantial' WHEN 1 THEN 'minor' END AS plan_revision,
  CAST(COALESCE(o.staff_s, 0) - COALESCE(a.staff_s, 0) + COALESCE(u.staff_s, 0) AS INTEGER) AS staff_s,
  CAST(COALESCE(o.own_s, 0) + COALESCE(u.own_s, 0) AS INTEGER) AS own_s,
  CAST(
    COALESCE(o.staff_s + o.own_s + o.others_s, 0) - COALESCE(a.team_s, 0) + COALESCE(u.team_s, 0) AS INTEGER
  ) AS team_s,
  CAST(COALESCE(t.logged_s, 0) + COALESCE(u.logged_s, 0) + COALESCE(x.logged_s, 0) AS INTEGER) AS logged_s,
  CAST(COALESCE(u.team_s, 0) AS INTEGER) AS untimed_s,
  CASE
    WHEN t.logged_s IS NULL AND u.logged_s IS NULL AND x.logged_s IS NULL THEN NULL
    ELSE COALESCE(o.contact, 0) + COALESCE(u.contact, 0) > 0
  END AS patient_contact,
  COALESCE(f.starts_in_month, FALSE) AS starts_in_month, f.need_and_plan, f.all_trained, f.worked_by, f.on_one_day
FROM slots AS s
JOIN rule_programs AS r ON r.program_no = s.program_no
JOIN consent_states AS c ON c.bill = s.bill AND c.program_no = s.program_no
LEFT JOIN initiating AS i ON i.bill = s.bill AND i.program_no = s.program_no
LEFT JOIN plan_states AS p ON p.bill = s.bill AND p.program_no = s.program_no
LEFT JOIN revisions AS v ON v.bill = s.bill AND v.program_no = s.program_no
LEFT JOIN sums AS t ON t.bill = s.bill AND t.program_no = s.program_no
LEFT JOIN open_sums AS o ON o.bill = s.bill AND o.program_no = s.program_no
LEFT JOIN at_once AS a ON a.bill = s.bill AND a.program_no = s.program_no
LEFT JOIN untimed_sums AS u ON u.bill = s.bill AND u.program_no = s.program_no
LEFT JOIN program_further AS f ON f.bill = s.bill AND f.program_no = s.program_no
LEFT JOIN (SELECT bill, program_no, SUM(logged_s) AS logged_s FROM also GROUP BY bill, program_no) AS x
  ON x.bill = s.bill AND x.program_no = s.program_no;
