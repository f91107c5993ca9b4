-- What the month's entries look like, before policy is asked what it makes of them.

-- step: work_kinds
-- Every combination of programs, wording and marks that occurs, numbered by its content. Documented is 1 yes, 0 no, 2 unknown.
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY programs, activity, documented, part_of_visit, patient_present) AS INTEGER) AS work_no,
  programs, activity, documented, part_of_visit, patient_present
FROM (
  SELECT DISTINCT
    programs, COALESCE(activity, '') AS activity, COALESCE(CAST(documented AS INTEGER), 2) AS documented,
    COALESCE(part_of_visit, FALSE) AS part_of_visit, COALESCE(patient_present, FALSE) AS patient_present
  FROM time_entries
  WHERE (start_s < $hi_s AND end_s > $lo_s) OR "on" BETWEEN $first_on AND $through_on
) AS kinds;
