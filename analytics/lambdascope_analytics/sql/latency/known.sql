-- Answers: when the history last knew calls of Lambda functions, where a period has none whose latency can be told.
-- Parameters: $function_name, $region and $account_id, each NULL for all.
-- Columns: last_at (of all functions), last_asked_at (of those asked about), last_timed_at (of these, of calls that
--          somebody waited for, as in percentiles.sql). One row; NULL is never.
SELECT
    max(started_at) AS last_at,
    max(CASE WHEN is_asked THEN started_at END) AS last_asked_at,
    max(CASE WHEN is_asked AND is_timed THEN started_at END) AS last_timed_at
FROM (
    SELECT
        started_at,
        (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
            AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
            AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id) AS is_asked,
        total_ms < 1e308
            AND proxy_ms IS NOT NULL
            AND outcome NOT IN ('accepted', 'dry_run')
            AND coalesce(invocation_type, '') <> 'Event' AS is_timed
    FROM calls
    WHERE target = 'lambda'
) AS known;
