-- What the month's entries look like, before policy is asked what it makes of them.

-- step: work_kinds
-- Every combination of program, wording and marks that occurs, numbered by its content.
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY programs, activity, documented, part_of_visit, patient_present) AS INTEGER) AS work_no,
  programs, activity, documented, part_of_visit, patient_present
FROM (
  SELECT DISTINCT
    programs, activity, documented,
    COALESCE(part_of_visit, FALSE) AS part_of_visit, COALESCE(patient_present, FALSE) AS patient_present
  FROM time_entries
  WHERE (start_s < $hi_s AND end_s > $lo_s) OR "on" BETWEEN $first_on AND $through_on
) AS kinds;

-- step: programs_named
SELECT UNNEST(STRING_SPLIT(programs, ' ')) AS program FROM work_kinds
UNION
SELECT program FROM consents
UNION
SELECT program FROM enrolments
UNION
SELECT program FROM care_plans;
