-- Answers: how many calls there were, failed and cost something in each bucket of two periods, or of two versions.
-- Parameters: $group_by (what to group by, or NULL),
--             $function_name, $region and $account_id (each NULL: every one), $before_after and $started_after (the two
--             starts, inclusive), $before_before and $started_before (the two ends, exclusive), $first_after and
--             $last_before (the earlier of the starts and the later of the ends), all timestamps with time zone;
--             $before_version and $version (or NULL for all), $bucket_s (seconds in a bucket), $most_groups (the others
--             are put together).
-- Columns: group_value, region, account_id (the last two only of functions and versions), place (1 has the most calls;
--          NULL are all others together), all_groups; side (0 before, 1 after), bucket (its number since 1970 in UTC),
--          calls, tried (without those that were refused or had arguments that do not fit), failures (of those),
--          executed (that ran a function, or may have), priced (of those), cost_usd (NULL if none is priced),
--          cost_squares (sum of squares, double), cny_calls (without a price in regions that bill in CNY),
--          skewed_calls (clocks contradict each other), unwaited_calls (whose caller did not wait: they have no
--          latency), backfilled_calls (from the logs: no part of calls).
WITH seen AS (
    SELECT
        CASE $group_by
            WHEN 'function' THEN function_name
            WHEN 'tool' THEN tool_name
            WHEN 'client' THEN client_name
            WHEN 'principal' THEN principal
            WHEN 'version' THEN function_name || ':' || executed_version
            WHEN 'region' THEN region
        END AS group_value,
        CASE WHEN $group_by IN ('function', 'version') THEN region END AS group_region,
        CASE WHEN $group_by IN ('function', 'version') THEN account_id END AS group_account,
        CASE
            WHEN started_at >= $started_after
                AND started_at < $started_before
                AND (CAST($version AS VARCHAR) IS NULL OR executed_version = $version)
                THEN 1
            WHEN started_at >= $before_after
                AND started_at < $before_before
                AND (CAST($before_version AS VARCHAR) IS NULL OR executed_version = $before_version)
                THEN 0
        END AS side,
        epoch(started_at) AS started_s,
        coalesce(transport, '') = 'backfill' AS is_backfilled,
        outcome,
        cost_usd,
        region,
        overhead_ms < 0 OR proxy_ms < 0 AS is_skewed,
        outcome = 'accepted' OR invocation_type = 'Event' AS is_unwaited
    FROM calls
    WHERE target = 'lambda'
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $first_after
        AND started_at < $last_before
),
placed AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        CAST(floor(started_s / $bucket_s) AS INTEGER) AS bucket,
        is_backfilled,
        outcome,
        cost_usd,
        region,
        is_skewed,
        is_unwaited
    FROM seen
    WHERE side IS NOT NULL
),
cells AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        bucket,
        -- Of the few cells and not of each call, which takes much longer.
        CASE
            WHEN is_backfilled THEN 'backfilled'
            WHEN outcome IN ('ok', 'accepted') THEN 'succeeded'
            WHEN outcome = 'dry_run' THEN 'tested'
            WHEN outcome IN ('refused', 'invalid_arguments') THEN 'refused'
            WHEN outcome IN ('throttled', 'not_found', 'access_denied', 'payload_too_large', 'aws_error') THEN 'not run'
            WHEN outcome IS NOT NULL THEN 'failed'
        END AS ending,
        count(*) AS calls,
        count(cost_usd) AS priced,
        sum(cost_usd) AS cost_usd,
        sum(CAST(cost_usd AS DOUBLE) * CAST(cost_usd AS DOUBLE)) AS cost_squares,
        count(*) FILTER (WHERE cost_usd IS NULL AND region LIKE 'cn-%') AS cny_calls,
        count(*) FILTER (WHERE is_skewed) AS skewed_calls,
        count(*) FILTER (WHERE is_unwaited) AS unwaited_calls
    FROM placed
    GROUP BY group_value, group_region, group_account, side, bucket, is_backfilled, outcome
),
counted AS (
    SELECT
        coalesce(group_value, '') AS group_value,
        coalesce(group_region, '') AS group_region,
        coalesce(group_account, '') AS group_account,
        side,
        bucket,
        ending,
        CASE WHEN ending = 'backfilled' THEN 0 ELSE calls END AS calls,
        CASE WHEN ending = 'backfilled' THEN calls ELSE 0 END AS backfilled_calls,
        CASE WHEN ending = 'backfilled' THEN 0 ELSE priced END AS priced,
        CASE WHEN ending = 'backfilled' THEN NULL ELSE cost_usd END AS cost_usd,
        CASE WHEN ending = 'backfilled' THEN NULL ELSE cost_squares END AS cost_squares,
        CASE WHEN ending = 'backfilled' THEN 0 ELSE cny_calls END AS cny_calls,
        CASE WHEN ending = 'backfilled' THEN 0 ELSE skewed_calls END AS skewed_calls,
        CASE WHEN ending = 'backfilled' THEN 0 ELSE unwaited_calls END AS unwaited_calls
    FROM cells
),
sized AS (
    SELECT *, sum(calls) OVER (PARTITION BY group_value, group_region, group_account) AS group_calls
    FROM counted
),
ranked AS (
    SELECT *, dense_rank() OVER (ORDER BY group_calls DESC, group_value, group_region, group_account) AS rank
    FROM sized
),
chosen AS (
    SELECT *, CASE WHEN rank <= $most_groups THEN rank END AS place, max(rank) OVER () AS all_groups
    FROM ranked
)
SELECT
    CASE WHEN place IS NOT NULL THEN nullif(group_value, '') END AS group_value,
    CASE WHEN place IS NOT NULL THEN nullif(group_region, '') END AS region,
    CASE WHEN place IS NOT NULL THEN nullif(group_account, '') END AS account_id,
    place,
    all_groups,
    side,
    bucket,
    sum(calls) AS calls,
    sum(CASE WHEN ending IN ('succeeded', 'tested', 'not run', 'failed') THEN calls ELSE 0 END) AS tried,
    sum(CASE WHEN ending IN ('not run', 'failed') THEN calls ELSE 0 END) AS failures,
    sum(CASE WHEN ending IN ('succeeded', 'failed') THEN calls ELSE priced END) AS executed,
    sum(priced) AS priced,
    sum(cost_usd) AS cost_usd,
    sum(cost_squares) AS cost_squares,
    sum(cny_calls) AS cny_calls,
    sum(skewed_calls) AS skewed_calls,
    sum(unwaited_calls) AS unwaited_calls,
    sum(backfilled_calls) AS backfilled_calls
FROM chosen
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY place, side, bucket;
