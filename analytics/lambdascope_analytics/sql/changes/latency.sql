-- Answers: how long calls took in two periods or of two versions, as a histogram whose bins are a fiftieth wide.
-- Parameters: $clock (total: arrival to answer; handler: the function's own time), $group_by (what to group by, or NULL),
--             $function_name (or NULL for all), $before_after and $started_after (the two starts, inclusive),
--             $before_before and $started_before (the two ends, exclusive), $first_after and $last_before (the
--             earlier of the starts and the later of the ends), all timestamps with time zone; $before_version and
--             $version (or NULL for all), $most_groups (the others are put together).
-- Columns: group_value, region, account_id (the last two only of functions; all NULL of the groups put together), place
--          (1 has the most calls; NULL are all others together), side (0 before, 1 after), bin, calls, least_ms and
--          most_ms of the bin. Calls that ran nothing or whose caller did not wait are left out.
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
        CASE WHEN $group_by = 'function' THEN region END AS group_region,
        CASE WHEN $group_by = 'function' THEN account_id END AS group_account,
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
        CASE $clock WHEN 'total' THEN total_ms WHEN 'handler' THEN duration_ms END AS took_ms
    FROM calls
    WHERE target = 'lambda'
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND started_at >= $first_after
        AND started_at < $last_before
        AND coalesce(transport, '') <> 'backfill'
        AND invoke_ms IS NOT NULL
        AND outcome NOT IN ('accepted', 'dry_run')
),
binned AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        CAST(floor(ln(took_ms) * 50) AS INTEGER) AS bin,
        took_ms
    FROM seen
    WHERE side IS NOT NULL AND took_ms > 0
),
counted AS (
    SELECT
        group_value,
        group_region,
        group_account,
        side,
        bin,
        count(*) AS calls,
        min(took_ms) AS least_ms,
        max(took_ms) AS most_ms
    FROM binned
    GROUP BY group_value, group_region, group_account, side, bin
),
sized AS (
    SELECT *, sum(calls) OVER (PARTITION BY group_value, group_region, group_account) AS group_calls
    FROM counted
),
ranked AS (
    SELECT *, dense_rank() OVER (ORDER BY group_calls DESC, group_value, group_region, group_account) AS rank
    FROM sized
),
placed AS (
    SELECT *, CASE WHEN rank <= $most_groups THEN rank END AS place
    FROM ranked
)
SELECT
    CASE WHEN place IS NOT NULL THEN group_value END AS group_value,
    CASE WHEN place IS NOT NULL THEN group_region END AS region,
    CASE WHEN place IS NOT NULL THEN group_account END AS account_id,
    place,
    side,
    bin,
    sum(calls) AS calls,
    min(least_ms) AS least_ms,
    max(most_ms) AS most_ms
FROM placed
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY place, side, bin;
