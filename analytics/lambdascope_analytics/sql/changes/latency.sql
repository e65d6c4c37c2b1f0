-- Answers: how long calls took in two periods or of two versions, and how that wavered from bucket to bucket.
-- Parameters: $clock (total: arrival to answer; handler: the function's own time), and those of buckets.sql.
-- Columns: kind says what a row is about, place of which group (as in buckets.sql: 1 has the most calls of any kind; 0
--          are all calls, NULL the groups that have no place), side (0 before, 1 after).
--   bin: bin (a fiftieth wide), and its calls with the least_ms and the most_ms they took; none of place 0.
--   bucket: bucket (as there), and of its calls how many took longer than the median (above_p50) and the p95
--          (above_p95) of both sides together, or than the end of the bin that holds it. Of place 0 also p95_ms, that of
--          the bucket itself, which lies in the bin of the exact one.
-- Left out: calls that ran nothing or whose caller did not wait, and times that are not finite.
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
        CASE
            WHEN invoke_ms IS NOT NULL
                AND outcome NOT IN ('accepted', 'dry_run')
                AND coalesce(invocation_type, '') <> 'Event'
                THEN CASE $clock WHEN 'total' THEN total_ms WHEN 'handler' THEN duration_ms END
        END AS took_ms
    FROM calls
    WHERE target = 'lambda'
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $first_after
        AND started_at < $last_before
        AND coalesce(transport, '') <> 'backfill'
),
placed AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        CAST(floor(started_s / $bucket_s) AS INTEGER) AS bucket,
        took_ms,
        CASE WHEN took_ms > 0 AND took_ms < 1e308 THEN CAST(floor(ln(took_ms) * 50) AS INTEGER) END AS bin
    FROM seen
    WHERE side IS NOT NULL
),
counted AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        bucket,
        bin,
        count(*) AS calls,
        min(took_ms) AS least_ms,
        max(took_ms) AS most_ms
    FROM placed
    GROUP BY group_value, group_region, group_account, side, bucket, bin
),
named AS (
    SELECT
        coalesce(group_value, '') AS group_value,
        coalesce(group_region, '') AS group_region,
        coalesce(group_account, '') AS group_account,
        side,
        bucket,
        bin,
        calls,
        least_ms,
        most_ms
    FROM counted
),
ranked AS (
    SELECT
        group_value,
        group_region,
        group_account,
        row_number() OVER (ORDER BY sum(calls) DESC, group_value, group_region, group_account) AS rank
    FROM named
    GROUP BY group_value, group_region, group_account
),
cells AS (
    SELECT
        CASE WHEN ranked.rank <= $most_groups THEN ranked.rank END AS place,
        named.side,
        named.bucket,
        named.bin,
        named.calls,
        named.least_ms,
        named.most_ms
    FROM named
    INNER JOIN ranked
        ON ranked.group_value = named.group_value
        AND ranked.group_region = named.group_region
        AND ranked.group_account = named.group_account
    WHERE named.bin IS NOT NULL
),
bins AS (
    SELECT place, side, bin, sum(calls) AS calls, min(least_ms) AS least_ms, max(most_ms) AS most_ms
    FROM cells
    GROUP BY place, side, bin
),
all_cells AS (
    SELECT side, bucket, bin, sum(calls) AS calls, min(least_ms) AS least_ms, max(most_ms) AS most_ms
    FROM cells
    GROUP BY side, bucket, bin
),
pooled AS (
    SELECT
        place,
        bin,
        sum(calls) OVER (PARTITION BY place ORDER BY bin ROWS UNBOUNDED PRECEDING) AS up_to,
        sum(calls) OVER (PARTITION BY place) AS all_calls
    FROM (
        SELECT place, bin, sum(calls) AS calls FROM bins WHERE place IS NOT NULL GROUP BY place, bin
        UNION ALL
        SELECT 0 AS place, bin, sum(calls) AS calls FROM bins GROUP BY bin
    ) AS of_both_sides
),
thresholds AS (
    SELECT
        place,
        min(CASE WHEN up_to >= 0.5 * all_calls THEN bin END) AS p50_bin,
        min(CASE WHEN up_to >= 0.95 * all_calls THEN bin END) AS p95_bin
    FROM pooled
    GROUP BY place
),
wavering AS (
    SELECT
        cells.place,
        cells.side,
        cells.bucket,
        sum(cells.calls) AS calls,
        sum(CASE WHEN cells.bin > thresholds.p50_bin THEN cells.calls ELSE 0 END) AS above_p50,
        sum(CASE WHEN cells.bin > thresholds.p95_bin THEN cells.calls ELSE 0 END) AS above_p95
    FROM (
        SELECT place, side, bucket, bin, calls FROM cells WHERE place IS NOT NULL
        UNION ALL
        SELECT 0 AS place, side, bucket, bin, calls FROM all_cells
    ) AS cells
    INNER JOIN thresholds ON thresholds.place = cells.place
    GROUP BY cells.place, cells.side, cells.bucket
),
stacked AS (
    SELECT
        *,
        sum(calls) OVER (PARTITION BY side, bucket ORDER BY bin ROWS UNBOUNDED PRECEDING) AS up_to,
        ceil(0.95 * sum(calls) OVER (PARTITION BY side, bucket)) AS p95_rank
    FROM all_cells
),
tails AS (
    SELECT
        side,
        bucket,
        least_ms + CASE
            WHEN calls > 1 THEN (most_ms - least_ms) * (p95_rank - (up_to - calls) - 1) / (calls - 1)
            ELSE 0
        END AS p95_ms
    FROM stacked
    WHERE p95_rank > up_to - calls AND p95_rank <= up_to
)
SELECT
    'bin' AS kind,
    place,
    side,
    bin,
    CAST(NULL AS INTEGER) AS bucket,
    calls,
    least_ms,
    most_ms,
    CAST(NULL AS BIGINT) AS above_p50,
    CAST(NULL AS BIGINT) AS above_p95,
    CAST(NULL AS DOUBLE) AS p95_ms
FROM bins
UNION ALL
SELECT
    'bucket',
    wavering.place,
    wavering.side,
    NULL,
    wavering.bucket,
    wavering.calls,
    NULL,
    NULL,
    wavering.above_p50,
    wavering.above_p95,
    CASE WHEN wavering.place = 0 THEN tails.p95_ms END
FROM wavering
LEFT JOIN tails ON tails.side = wavering.side AND tails.bucket = wavering.bucket;
