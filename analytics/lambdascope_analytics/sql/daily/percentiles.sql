-- Answers: percentiles of one clock of the calls of each Lambda function and other MCP server on each day (UTC), from the calls themselves.
-- Parameters: $clock (total or duration), $started_after, $started_before (exclusive), $function_name (NULL: all),
--             $most (rows).
-- Columns: day, function_name, region, account_id, calls, timed_calls (whose clock is known), p50_ms, p90_ms, p95_ms,
--          p99_ms.
SELECT
    day,
    function_name,
    region,
    account_id,
    count(*) AS calls,
    count(took_ms) AS timed_calls,
    quantile_cont(took_ms, 0.5) AS p50_ms,
    quantile_cont(took_ms, 0.9) AS p90_ms,
    quantile_cont(took_ms, 0.95) AS p95_ms,
    quantile_cont(took_ms, 0.99) AS p99_ms
FROM (
    SELECT
        CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END AS function_name,
        region,
        account_id,
        CASE $clock WHEN 'total' THEN total_ms WHEN 'duration' THEN duration_ms END AS took_ms
    FROM calls
    WHERE (target = 'lambda' OR target LIKE 'upstream:%')
        AND started_at >= $started_after
        AND started_at < $started_before
        AND (
            $function_name IS NULL
            OR CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END = $function_name
        )
) AS timed
GROUP BY day, function_name, region, account_id
ORDER BY day, function_name, region, account_id
LIMIT $most
