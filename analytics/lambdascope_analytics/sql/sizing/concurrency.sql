-- Answers: for how long how many executions of one function at one size ran at once, by hour of the day, and how many
--   executions and cold starts began while so many ran (the starting one among them).
-- Parameters: $function_name, $region, $account_id (NULL: any), $memory_mb, $architecture, $started_after (inclusive),
--   $started_before (exclusive).
-- Columns: hour_utc (0 to 23), level (at least 1), level_us (microseconds for which exactly so many ran, each stretch
--   counted in the hour it began in), begun, cold_starts, init_ms (sum of those).
-- An execution is taken to run for its handler's time from when the call arrived: the network before it moves it, but
-- does not make it longer. Ends come before starts of the same microsecond, so two in a row are not two at once.
WITH busy AS (
    SELECT
        date_diff('microsecond', TIMESTAMP '2000-01-01 00:00:00', started_at AT TIME ZONE 'UTC') AS begun_us,
        CAST(round(duration_ms * 1000) AS BIGINT) AS busy_us,
        CASE WHEN cold_start THEN 1 ELSE 0 END AS cold,
        coalesce(init_ms, 0) AS init_ms
    FROM calls
    WHERE target = 'lambda' AND function_name = $function_name
        AND ($region IS NULL OR region = $region) AND ($account_id IS NULL OR account_id = $account_id)
        AND started_at >= $started_after AND started_at < $started_before
        AND memory_mb = $memory_mb AND architecture = $architecture AND duration_ms IS NOT NULL
), changes AS (
    SELECT begun_us AS at_us, 1 AS step, cold, init_ms FROM busy
    UNION ALL
    SELECT begun_us + busy_us AS at_us, -1 AS step, 0 AS cold, 0 AS init_ms FROM busy
), levels AS (
    SELECT
        at_us, step, cold, init_ms,
        sum(step) OVER (ORDER BY at_us, step ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS level,
        lead(at_us) OVER (ORDER BY at_us, step) AS until_us
    FROM changes
)
SELECT
    CAST(floor(at_us / 3600000000) AS BIGINT) % 24 AS hour_utc,
    CAST(level AS BIGINT) AS level,
    CAST(sum(until_us - at_us) AS BIGINT) AS level_us,
    count(*) FILTER (WHERE step = 1) AS begun,
    CAST(sum(cold) AS BIGINT) AS cold_starts,
    sum(init_ms) AS init_ms
FROM levels
WHERE level > 0
GROUP BY 1, 2
ORDER BY 1, 2
