-- Answers: what calls of functions and of other MCP servers cost in a period and in the one before it, by group, place
--          and part of the period; the dearest groups (of hours and days the latest) by themselves and all others as
--          one.
-- Parameters: $group_by (function, tool, client, session, principal, version, outcome, region, hour or day);
--             $function_name (or the target of another server, such as upstream:files: it stands for the function
--             there), $region and $account_id (each NULL: every one); $scanned_after (inclusive) and
--             $started_before (exclusive), timestamps with time zone; $started_after, where the period itself begins;
--             $start_s, the same in whole seconds since 1970; $bucket_s, length of a part in whole seconds, and
--             $last_bucket, the number of the last part, which may be longer; $top, how many groups to tell apart.
-- Columns: place (1 is the dearest or the latest group; NULL: what is not among the top), groups (how many there are in the period),
--          group_value, group_time (hour and day only), group_region and group_account (function and version only),
--          same_name and same_place (how many groups have its value, and its value and region), bucket (part of the
--          period, from 0; -1 is the period before it), target (lambda, cloudwatch or upstream:<name>), region, architecture,
--          outcome, price_source (of the price; none: there is none), calls, billed_calls, backfilled (from the logs), first_at,
--          cost_usd, mb_ms (memory x billed time), cold_calls and cold_mb_us (of the billed inits and restores; memory
--          x their microseconds), unused_calls and unused_mb_ms (of which memory use is known).
WITH seen AS (
    SELECT
        CASE
            WHEN $group_by = 'function' OR ($group_by = 'version' AND target LIKE 'upstream:%')
                THEN CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END
            WHEN $group_by = 'tool' THEN tool_name
            WHEN $group_by = 'client' THEN client_name
            WHEN $group_by = 'session' THEN session_id
            WHEN $group_by = 'principal' THEN principal
            WHEN $group_by = 'version' THEN function_name || ':' || executed_version
            WHEN $group_by = 'outcome' THEN outcome
            WHEN $group_by = 'region' THEN region
        END AS group_value,
        CASE
            WHEN $group_by = 'hour' THEN date_trunc('hour', started_at AT TIME ZONE 'UTC')
            WHEN $group_by = 'day' THEN date_trunc('day', started_at AT TIME ZONE 'UTC')
        END AS group_time,
        CASE WHEN $group_by IN ('function', 'version') THEN account_id END AS group_account,
        CASE
            WHEN started_at < $started_after THEN -1
            ELSE least(CAST(floor((epoch(started_at) - $start_s) / $bucket_s) AS INTEGER), $last_bucket)
        END AS bucket,
        target,
        region,
        architecture,
        outcome,
        CASE WHEN cost_usd IS NULL THEN 'none' ELSE cost_source END AS price_source,
        transport,
        started_at,
        cost_usd,
        -- No execution takes such a time: a row that claims one must not overflow the sums.
        memory_mb * CASE WHEN billed_ms BETWEEN 0 AND 1000000000 THEN billed_ms END AS mb_ms,
        CASE
            WHEN cold_start AND billed_ms < 1000000000 AND coalesce(init_ms, restore_ms) BETWEEN 0 AND 1000000
                THEN
                    CASE
                        -- Before August 2025 many inits were free: then the billed time does not hold them.
                        WHEN billed_ms + 1 > duration_ms + coalesce(init_ms, restore_ms)
                            THEN memory_mb * CAST(round(1000 * coalesce(init_ms, restore_ms)) AS BIGINT)
                    END
        END AS cold_mb_us,
        CASE WHEN max_memory_mb > memory_mb THEN 0 ELSE memory_mb - max_memory_mb END
        * CASE WHEN billed_ms BETWEEN 0 AND 1000000000 THEN billed_ms END AS unused_mb_ms
    FROM calls
    WHERE (target IN ('lambda', 'cloudwatch') OR target LIKE 'upstream:%')
        AND started_at >= $scanned_after
        AND started_at < $started_before
        AND (
            CAST($function_name AS VARCHAR) IS NULL
            OR CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END = $function_name
        )
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
),

cells AS (
    SELECT
        group_value,
        group_time,
        CASE WHEN $group_by IN ('function', 'version') THEN region END AS group_region,
        group_account,
        bucket,
        target,
        region,
        architecture,
        outcome,
        price_source,
        count(*) AS calls,
        count(mb_ms) AS billed_calls,
        count(*) FILTER (WHERE transport = 'backfill') AS backfilled,
        min(started_at) AS first_at,
        sum(cost_usd) AS cost_usd,
        sum(mb_ms) AS mb_ms,
        count(cold_mb_us) AS cold_calls,
        sum(cold_mb_us) AS cold_mb_us,
        count(unused_mb_ms) AS unused_calls,
        sum(unused_mb_ms) AS unused_mb_ms
    FROM seen
    GROUP BY group_value, group_time, group_account, bucket, target, region, architecture, outcome, price_source
),

ranked AS (
    SELECT
        group_value,
        group_time,
        group_region,
        group_account,
        row_number() OVER (
            ORDER BY
                group_time DESC NULLS LAST,
                sum(cost_usd) DESC NULLS LAST,
                sum(mb_ms) DESC NULLS LAST,
                sum(calls) DESC,
                group_value ASC NULLS LAST,
                group_region ASC NULLS LAST,
                group_account ASC NULLS LAST
        ) AS place,
        count(*) OVER () AS groups,
        count(*) OVER (PARTITION BY group_value, group_time) AS same_name,
        count(*) OVER (PARTITION BY group_value, group_time, group_region) AS same_place
    FROM cells
    WHERE bucket >= 0 AND target <> 'cloudwatch'
    GROUP BY group_value, group_time, group_region, group_account
),

placed AS (
    SELECT
        cells.*,
        CASE WHEN ranked.place <= $top THEN ranked.place END AS place,
        ranked.groups,
        ranked.same_name,
        ranked.same_place
    FROM cells
    LEFT JOIN ranked
        ON cells.target <> 'cloudwatch'
        AND ranked.group_value IS NOT DISTINCT FROM cells.group_value
        AND ranked.group_time IS NOT DISTINCT FROM cells.group_time
        AND ranked.group_region IS NOT DISTINCT FROM cells.group_region
        AND ranked.group_account IS NOT DISTINCT FROM cells.group_account
)

SELECT
    place,
    max(groups) AS groups,
    CASE WHEN place IS NOT NULL THEN min(group_value) END AS group_value,
    CASE WHEN place IS NOT NULL THEN min(group_time) END AS group_time,
    CASE WHEN place IS NOT NULL THEN min(group_region) END AS group_region,
    CASE WHEN place IS NOT NULL THEN min(group_account) END AS group_account,
    CASE WHEN place IS NOT NULL THEN max(same_name) END AS same_name,
    CASE WHEN place IS NOT NULL THEN max(same_place) END AS same_place,
    bucket,
    target,
    region,
    architecture,
    outcome,
    price_source,
    sum(calls) AS calls,
    sum(billed_calls) AS billed_calls,
    sum(backfilled) AS backfilled,
    min(first_at) AS first_at,
    sum(cost_usd) AS cost_usd,
    sum(mb_ms) AS mb_ms,
    sum(cold_calls) AS cold_calls,
    sum(cold_mb_us) AS cold_mb_us,
    sum(unused_calls) AS unused_calls,
    sum(unused_mb_ms) AS unused_mb_ms
FROM placed
GROUP BY place, bucket, target, region, architecture, outcome, price_source
ORDER BY
    place NULLS LAST,
    bucket,
    target,
    region NULLS LAST,
    architecture NULLS LAST,
    outcome NULLS LAST,
    price_source NULLS LAST;
