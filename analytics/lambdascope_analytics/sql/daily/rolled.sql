-- Answers: whether some calls of the days asked for are in rollups.
-- Parameters: $first_day, $day_after (exclusive).
-- Columns: days (with rollups).
SELECT count(*) AS days
FROM rolled_days
WHERE day >= $first_day AND day < $day_after
