-- A row a patient, biller and program: everything a decision may know of a program.

-- step: consent_lacks
-- Required statements that a consent's text leaves out; worked out once for each text that occurs.
SELECT
  t.program_no, t.covers,
  CASE WHEN t.covers IS NULL THEN 'unknown' ELSE COALESCE(STRING_AGG(
    CASE WHEN POSITION(' ' || s.statement || ' ' IN ' ' || t.covers || ' ') = 0 THEN s.statement END, ' ' ORDER BY s.statement
  ), '') END AS lacks
FROM (SELECT DISTINCT program_no, covers FROM consent_ranked WHERE place = 1) AS t
JOIN rule_statements AS s ON s.program_no = t.program_no
GROUP BY t.program_no, t.covers;

-- step: plan_lacks
-- Required elements that a plan's list leaves out, likewise.
SELECT
  t.program_no, t.elements,
  CASE WHEN t.elements IS NULL THEN 'unknown' WHEN t.elements = 'all' THEN '' ELSE COALESCE(STRING_AGG(
    CASE WHEN POSITION(' ' || s.element || ' ' IN ' ' || t.elements || ' ') = 0 THEN s.element END, ' ' ORDER BY s.element
  ), '') END AS lacks
FROM (SELECT DISTINCT program_no, elements FROM plans_ranked WHERE place = 1) AS t
JOIN rule_elements AS s ON s.program_no = t.program_no
GROUP BY t.program_no, t.elements;

-- step: consent_states
SELECT
  s.bill, s.program_no,
  CASE
    WHEN c.rank_no IS NULL THEN 'none'
    WHEN c.rank_no = 1 AND d.first_given_on > $first_on AND g.start_s >= t.last_logged_s THEN 'later'
    WHEN c.rank_no = 1 THEN 'in_force'
    WHEN c.rank_no = 2 THEN 'not_documented'
    WHEN c.rank_no = 3 THEN 'revoked'
    WHEN c.rank_no = 4 THEN 'later'
    ELSE 'other_practitioner'
  END AS state,
  CASE WHEN r.has_statements THEN COALESCE(l.lacks, 'unknown') ELSE '' END AS lacks
FROM slots AS s
JOIN rule_programs AS r ON r.program_no = s.program_no
JOIN bills AS b ON b.bill = s.bill
LEFT JOIN consent_ranked AS c ON c.bill = s.bill AND c.program_no = s.program_no AND c.place = 1
LEFT JOIN consent_days AS d ON d.bill = s.bill AND d.program_no = s.program_no
LEFT JOIN calendar AS g ON g.zone_no = b.zone_no AND g.day_on = d.first_given_on
LEFT JOIN consent_lacks AS l
  ON c.place = 1 AND l.program_no = s.program_no AND l.covers IS NOT DISTINCT FROM c.covers
LEFT JOIN (
  SELECT bill, program_no, MAX(last_logged_s) AS last_logged_s
  FROM (
    SELECT bill, program_no, last_logged_s FROM sums
    UNION ALL
    SELECT bill, program_no, last_logged_s FROM untimed_sums
    UNION ALL
    SELECT bill, program_no, last_logged_s FROM also
  ) AS logged
  GROUP BY bill, program_no
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
  l.lacks
FROM plans_ranked AS p
JOIN bills AS b ON b.bill = p.bill
LEFT JOIN persons AS s ON s.person_id = p.signed_by
LEFT JOIN practitioner_kinds AS k ON k.kind = s.kind
LEFT JOIN plan_lacks AS l ON l.program_no = p.program_no AND l.elements IS NOT DISTINCT FROM p.elements
WHERE p.place = 1;

-- step: lost_words
SELECT
  l.bill, l.program_no,
  STRING_AGG(n.reason || ':' || CAST(l.seconds AS VARCHAR), ' ' ORDER BY n.reason) AS lost,
  SUM(CASE WHEN l.reason_no IN ($activity_unknown, $not_documented) THEN l.seconds ELSE 0 END) AS curable_s
FROM losses AS l
JOIN rule_reasons AS n ON n.reason_no = l.reason_no
GROUP BY l.bill, l.program_no;

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
  COALESCE(l.lost, '') AS lost,
  CAST(COALESCE(l.curable_s, 0) AS INTEGER) AS curable_s,
  CASE WHEN u.first_s < o.first_s OR o.first_s IS NULL THEN u.first_s ELSE o.first_s END AS first_s,
  CASE WHEN u.last_s > o.last_s OR o.last_s IS NULL THEN u.last_s ELSE o.last_s END AS last_s
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
LEFT JOIN (SELECT bill, program_no, SUM(logged_s) AS logged_s FROM also GROUP BY bill, program_no) AS x
  ON x.bill = s.bill AND x.program_no = s.program_no
LEFT JOIN lost_words AS l ON l.bill = s.bill AND l.program_no = s.program_no;
