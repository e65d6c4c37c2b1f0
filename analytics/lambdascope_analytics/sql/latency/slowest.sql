-- Answers: the slowest calls of Lambda functions.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all; $at_least_ms, which only those reach (it spares reading the rest); $most, how many.
-- Columns: call_id, trace_id, started_at, function_name, outcome, total_ms, cold_start. Slowest first.
-- Which calls: as in percentiles.sql.
SELECT
    CAST(call_id AS VARCHAR) AS call_id,
    trace_id,
    started_at,
    function_name,
    outcome,
    total_ms,
    cold_start
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
    AND coalesce(invocation_type, '') <> 'Event'
    AND total_ms >= $at_least_ms
ORDER BY total_ms DESC, call_id
LIMIT $most;
