-- Answers: how long each part of a call took in 95 of 100 calls of Lambda functions.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all.
-- Columns: proxy_p95_ms, platform_p95_ms (network and platform), handler_p95_ms, and init_p95_ms over the init_calls
--          that had an init phase or a restore. Exact, interpolated. One row.
-- Which calls: as in percentiles.sql, of those all clocks of which are known and none is negative.
SELECT
    quantile_cont(proxy_ms, 0.95) AS proxy_p95_ms,
    quantile_cont(overhead_ms, 0.95) AS platform_p95_ms,
    quantile_cont(duration_ms, 0.95) AS handler_p95_ms,
    count(*) FILTER (WHERE init_ms IS NOT NULL OR restore_ms IS NOT NULL) AS init_calls,
    quantile_cont(
        CASE
            WHEN init_ms IS NOT NULL OR restore_ms IS NOT NULL THEN coalesce(init_ms, 0) + coalesce(restore_ms, 0)
        END,
        0.95
    ) AS init_p95_ms
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND total_ms < 1e308
    AND proxy_ms >= 0
    AND overhead_ms >= 0
    AND outcome NOT IN ('accepted', 'dry_run')
    AND coalesce(invocation_type, '') <> 'Event';
