-- Answers: which calls were recorded, oldest first.
-- Parameters: $started_after (inclusive) and $started_before (exclusive), timestamps with time zone;
--   $function_name, text, NULL for all.
-- Columns: those of calls.
SELECT *
FROM calls
WHERE started_at >= $started_after
  AND started_at < $started_before
  AND ($function_name IS NULL OR function_name = $function_name)
ORDER BY started_at, call_id
