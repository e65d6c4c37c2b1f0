-- Answers: how long calls took in two periods or of two versions, and how that wavered from bucket to bucket.
-- Parameters: $chosen (the groups that have a place: of each the characters 30, its value, 31, its region, 31, its
--             account, 30), $one_in (the sample: 1 is all calls), and those of buckets.sql but for $most_groups.
-- Columns: kind says what a row is about, clock (0 is total: arrival to answer; 1 is handler: the function's own time),
--          place of which group (where in $chosen it is named; NULL are all that are not), side (0 before, 1 after).
--   bin: number (of a bin, a fiftieth wide), and its calls with the least_ms and the most_ms they took.
--   bucket: number (of a bucket, as there), and of its calls how many took longer than the median (above_p50) and the
--          p95 (above_p95) of both sides of the group together, or than the end of the bin that holds it, and how many
--          than those of all calls (above_all_p50, above_all_p95).
--   p95: number (of a bucket), and most_ms, the p95 of the total times of all its calls. In the bin of the exact one.
-- Left out: calls that ran nothing or whose caller did not wait, and times that are not finite. A sample has the calls
-- that began in every so many microseconds.
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
        CAST(floor(epoch(started_at) / $bucket_s) AS INTEGER) AS bucket,
        CASE WHEN total_ms > 0 AND total_ms < 1e308 THEN total_ms END AS total_ms,
        CASE WHEN duration_ms > 0 AND duration_ms < 1e308 THEN duration_ms END AS handler_ms
    FROM calls
    WHERE target = 'lambda'
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $first_after
        AND started_at < $last_before
        AND coalesce(transport, '') <> 'backfill'
        AND invoke_ms IS NOT NULL
        AND outcome NOT IN ('accepted', 'dry_run')
        AND coalesce(invocation_type, '') <> 'Event'
        AND CAST(floor(epoch(started_at) * 1000000) AS BIGINT) % $one_in = 0
),
named AS (
    SELECT
        coalesce(group_value, '') AS group_value,
        coalesce(group_region, '') AS group_region,
        coalesce(group_account, '') AS group_account,
        side,
        bucket,
        total_ms,
        handler_ms
    FROM seen
    WHERE side IS NOT NULL
),
places AS (
    SELECT
        group_value,
        group_region,
        group_account,
        -- As an aggregate, of one row each, so that it is not put off until after the join, where there are many.
        max(
            nullif(
                strpos(
                    $chosen,
                    chr(30) || group_value || chr(31) || group_region || chr(31) || group_account || chr(30)
                ),
                0
            )
        ) AS place
    FROM (
        SELECT group_value, group_region, group_account FROM named GROUP BY group_value, group_region, group_account
    ) AS groups_of_calls
    GROUP BY group_value, group_region, group_account
),
numbered AS (
    SELECT places.place, named.side, named.bucket, named.total_ms, named.handler_ms
    FROM named
    INNER JOIN places
        ON places.group_value = named.group_value
        AND places.group_region = named.group_region
        AND places.group_account = named.group_account
),
binned AS (
    SELECT 0 AS clock, place, side, bucket, total_ms AS took_ms, CAST(floor(ln(total_ms) * 50) AS INTEGER) AS bin
    FROM numbered
    WHERE total_ms IS NOT NULL
    UNION ALL
    SELECT 1 AS clock, place, side, bucket, handler_ms AS took_ms, CAST(floor(ln(handler_ms) * 50) AS INTEGER) AS bin
    FROM numbered
    WHERE handler_ms IS NOT NULL
),
bins AS (
    SELECT clock, place, side, bin, count(*) AS calls, min(took_ms) AS least_ms, max(took_ms) AS most_ms
    FROM binned
    GROUP BY clock, place, side, bin
),
pooled AS (
    SELECT
        clock,
        place,
        bin,
        sum(calls) OVER (PARTITION BY clock, place ORDER BY bin ROWS UNBOUNDED PRECEDING) AS up_to,
        sum(calls) OVER (PARTITION BY clock, place) AS all_calls
    FROM (
        SELECT clock, place, bin, sum(calls) AS calls FROM bins WHERE place IS NOT NULL GROUP BY clock, place, bin
        UNION ALL
        SELECT clock, 0 AS place, bin, sum(calls) AS calls FROM bins GROUP BY clock, bin
    ) AS of_both_sides
),
thresholds AS (
    SELECT
        clock,
        place,
        min(CASE WHEN up_to >= 0.5 * all_calls THEN bin END) AS p50_bin,
        min(CASE WHEN up_to >= 0.95 * all_calls THEN bin END) AS p95_bin
    FROM pooled
    GROUP BY clock, place
),
wavering AS (
    SELECT
        binned.clock,
        binned.place,
        binned.side,
        binned.bucket,
        count(*) AS calls,
        count(CASE WHEN binned.bin > own.p50_bin THEN 1 END) AS above_p50,
        count(CASE WHEN binned.bin > own.p95_bin THEN 1 END) AS above_p95,
        count(CASE WHEN binned.bin > whole.p50_bin THEN 1 END) AS above_all_p50,
        count(CASE WHEN binned.bin > whole.p95_bin THEN 1 END) AS above_all_p95
    FROM binned
    INNER JOIN thresholds AS whole ON whole.clock = binned.clock AND whole.place = 0
    LEFT JOIN thresholds AS own ON own.clock = binned.clock AND own.place = binned.place
    GROUP BY binned.clock, binned.place, binned.side, binned.bucket
),
stacked AS (
    SELECT
        *,
        sum(calls) OVER (PARTITION BY side, bucket ORDER BY bin ROWS UNBOUNDED PRECEDING) AS up_to,
        ceil(0.95 * sum(calls) OVER (PARTITION BY side, bucket)) AS p95_rank
    FROM (
        SELECT side, bucket, bin, count(*) AS calls, min(took_ms) AS least_ms, max(took_ms) AS most_ms
        FROM binned
        WHERE clock = 0
        GROUP BY side, bucket, bin
    ) AS all_cells
)
SELECT
    'bin' AS kind,
    clock,
    place,
    side,
    bin AS number,
    calls,
    least_ms,
    most_ms,
    CAST(NULL AS BIGINT) AS above_p50,
    CAST(NULL AS BIGINT) AS above_p95,
    CAST(NULL AS BIGINT) AS above_all_p50,
    CAST(NULL AS BIGINT) AS above_all_p95
FROM bins
UNION ALL
SELECT 'bucket', clock, place, side, bucket, calls, NULL, NULL, above_p50, above_p95, above_all_p50, above_all_p95
FROM wavering
UNION ALL
SELECT
    'p95',
    0,
    NULL,
    side,
    bucket,
    calls,
    NULL,
    least_ms + CASE
        WHEN calls > 1 THEN (most_ms - least_ms) * (p95_rank - (up_to - calls) - 1) / (calls - 1)
        ELSE 0
    END,
    NULL,
    NULL,
    NULL,
    NULL
FROM stacked
WHERE p95_rank > up_to - calls AND p95_rank <= up_to;
