-- Answers: how many calls of Lambda functions there were in a stretch of time, for the share of one hour among all.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all.
-- Columns: calls. One row. Which calls: as in percentiles.sql.
SELECT count(*) AS calls
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND total_ms < 1e308
    AND proxy_ms IS NOT NULL
    AND outcome NOT IN ('accepted', 'dry_run')
    AND coalesce(invocation_type, '') <> 'Event';
