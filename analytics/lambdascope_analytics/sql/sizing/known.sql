-- Answers: what the history knows of one function at any time, where a range has too little of it.
-- Parameters: $function_name; $region, $account_id, $memory_mb and $architecture (each NULL: any); $started_after.
-- Columns: first_at and last_at (of executions with that size), ran_before (how many of them began before
--   $started_after). One row.
SELECT
    min(started_at) AS first_at,
    max(started_at) AS last_at,
    count(CASE WHEN started_at < $started_after THEN 1 END) AS ran_before
FROM calls
WHERE target = 'lambda' AND function_name = $function_name
    AND ($region IS NULL OR region = $region) AND ($account_id IS NULL OR account_id = $account_id)
    AND ($memory_mb IS NULL OR memory_mb = $memory_mb) AND ($architecture IS NULL OR architecture = $architecture)
    AND duration_ms IS NOT NULL
