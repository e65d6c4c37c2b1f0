-- Answers: what the slowest calls of Lambda functions are like, beside all calls.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all; $threshold_ms, from which on a call is of the slowest.
-- Columns: of each row those of one feature are known: function_name; versioned_function and executed_version;
--          client_name; outcome; cold_start; is_retried (sent more than once); is_near_limit (at least 90 % of the
--          memory was used); size_class (payload sent and received: 0 under 10 kB, 1 under 100 kB, 2 under 1 MB, 3
--          above); slow_hour (UTC; known of the slowest calls only). Then calls that have the feature so, and slow_calls
--          among them. Rows in which none of them is known are calls of which one feature is not.
-- Which calls: as in percentiles.sql.
-- They are counted by all features at once first: the few numbers are then added up by each, not the many calls.
WITH counted AS (
    SELECT
        function_name,
        executed_version,
        client_name,
        outcome,
        cold_start,
        attempts > 1 AS is_retried,
        max_memory_mb * 10 >= memory_mb * 9 AS is_near_limit,
        CASE
            WHEN request_bytes + response_bytes < 10000 THEN 0
            WHEN request_bytes + response_bytes < 100000 THEN 1
            WHEN request_bytes + response_bytes < 1000000 THEN 2
            WHEN request_bytes + response_bytes >= 1000000 THEN 3
        END AS size_class,
        CASE WHEN total_ms >= $threshold_ms THEN date_trunc('hour', started_at AT TIME ZONE 'UTC') END AS slow_hour,
        count(*) AS calls
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
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
)
SELECT
    function_name,
    versioned_function,
    executed_version,
    client_name,
    outcome,
    cold_start,
    is_retried,
    is_near_limit,
    size_class,
    slow_hour,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(slow_calls) AS BIGINT) AS slow_calls
FROM (
    SELECT
        counted.*,
        function_name AS versioned_function,
        CASE WHEN slow_hour IS NULL THEN 0 ELSE calls END AS slow_calls
    FROM counted
) AS told
GROUP BY GROUPING SETS (
    (function_name),
    (versioned_function, executed_version),
    (client_name),
    (outcome),
    (cold_start),
    (is_retried),
    (is_near_limit),
    (size_class),
    (slow_hour)
);
