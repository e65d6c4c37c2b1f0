-- Answers: when the latest call of Lambda functions began whose latency can be told, where a period has none.
-- Parameters: $function_name, $region and $account_id, each NULL for all.
-- Columns: last_at; NULL where there never was one. One row. Which calls: as in percentiles.sql.
SELECT max(started_at) AS last_at
FROM calls
WHERE target = 'lambda'
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND total_ms < 1e308
    AND proxy_ms IS NOT NULL
    AND outcome NOT IN ('accepted', 'dry_run')
    AND coalesce(invocation_type, '') <> 'Event';
