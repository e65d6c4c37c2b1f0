-- Answers: how long the invocations of each Lambda function took in a time window, as the caller and as Lambda saw it.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone.
-- Columns: function_name, region, n, cold, then total_* (arrival to answer, ms) and measured, duration_*
--          (handler time, ms, over the `measured` invocations whose REPORT was seen; NULL if none). Exact quantiles,
--          interpolated. Slowest p95 first.
-- Calls that invoked nothing (refused, invalid) or whose caller did not wait (asynchronous, dry run) are left out.
SELECT
    function_name,
    region,
    count(*) AS n,
    count(*) FILTER (WHERE cold_start) AS cold,
    quantile_cont(total_ms, 0.50) AS total_p50_ms,
    quantile_cont(total_ms, 0.95) AS total_p95_ms,
    quantile_cont(total_ms, 0.99) AS total_p99_ms,
    max(total_ms) AS total_max_ms,
    count(duration_ms) AS measured,
    quantile_cont(duration_ms, 0.50) AS duration_p50_ms,
    quantile_cont(duration_ms, 0.95) AS duration_p95_ms,
    quantile_cont(duration_ms, 0.99) AS duration_p99_ms,
    max(duration_ms) AS duration_max_ms
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
    AND invoke_ms IS NOT NULL
    AND outcome NOT IN ('accepted', 'dry_run')
GROUP BY function_name, region
ORDER BY total_p95_ms DESC NULLS LAST, function_name, region;
