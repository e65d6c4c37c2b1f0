-- Answers: how long the slowest twentieth of calls took at least, in each bucket of two periods.
-- Parameters: $function_name (or NULL for all), $before_after and $started_after (the two starts, inclusive),
--             $before_before and $started_before (the two ends, exclusive), $first_after and $last_before (the
--             earlier of the starts and the later of the ends), all timestamps with time zone; $bucket_s (seconds in a
--             bucket), $before_origin and $after_origin (Unix seconds at which the buckets of each begin),
--             $before_buckets and $after_buckets (how many there are: the last one is as long as it takes).
-- Columns: side (0 before, 1 after), bucket (from 0), total_p95_ms (exact, interpolated). In that order.
WITH seen AS (
    SELECT
        CASE
            WHEN started_at >= $started_after AND started_at < $started_before THEN 1
            WHEN started_at >= $before_after AND started_at < $before_before THEN 0
        END AS side,
        CASE
            WHEN started_at >= $started_after AND started_at < $started_before
                THEN least(CAST(floor((epoch(started_at) - $after_origin) / $bucket_s) AS INTEGER), $after_buckets - 1)
            ELSE least(CAST(floor((epoch(started_at) - $before_origin) / $bucket_s) AS INTEGER), $before_buckets - 1)
        END AS bucket,
        total_ms
    FROM calls
    WHERE target = 'lambda'
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND started_at >= $first_after
        AND started_at < $last_before
        AND coalesce(transport, '') <> 'backfill'
        AND invoke_ms IS NOT NULL
        AND outcome NOT IN ('accepted', 'dry_run')
)
SELECT side, bucket, quantile_cont(total_ms, 0.95) AS total_p95_ms
FROM seen
WHERE side IS NOT NULL AND total_ms IS NOT NULL
GROUP BY side, bucket
ORDER BY side, bucket;
