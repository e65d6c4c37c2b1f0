-- Answers: how long calls of Lambda functions took as their callers saw it, and where the time went: of all, and of the
--          groups whose callers waited longest in all, or of the latest hours or days.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all; $group_by, one of function, tool, client, session,
--             principal, version, outcome, region, hour, day; $top, how many groups; $apdex_ms; $p1 to $p8, shares
--             between 0 and 1 or NULL.
-- Columns: kind says what a row is about, place of which group: 0 is all calls, 1 the group that was waited for
--          longest, or the latest.
--   group: name, part, account_id ('' where not known or of no concern; part is the region of a function or the number
--          of a version), group_count (how many there are), calls, cold_calls, warm_calls, failures, satisfied and
--          tolerating (of Apdex), contradictory_calls (a clock is negative), waited_ms; and of the measured_calls, all
--          clocks of which are known and none is negative: measured_ms in all, proxy_ms, platform_ms, init_ms,
--          handler_ms. Times are sums.
--   percentile: temperature (any, cold, warm), number (1 to 8: of the parameter; 50, 95, 99: the percentile),
--          value_ms (exact, interpolated as by quantile_cont).
--   bin: bucket, and calls of all that took from 10^(bucket / 200) ms up to 10^((bucket + 1) / 200) ms.
--   asynchronous: calls that are left out because nobody waited for them; no row without them.
-- Left out: calls that invoked nothing or whose caller did not wait, executions that were taken from the logs, and times
--          that are not finite.
-- Percentiles without a sort of everything and without all values in memory: calls are counted in buckets 1.2 % wide,
-- and only the few buckets that hold a rank looked for are read again and sorted.
WITH counted AS (
    SELECT
        CASE $group_by
            WHEN 'function' THEN function_name
            WHEN 'tool' THEN tool_name
            WHEN 'client' THEN client_name
            WHEN 'session' THEN session_id
            WHEN 'principal' THEN principal
            WHEN 'version' THEN function_name
            WHEN 'outcome' THEN outcome
            WHEN 'region' THEN region
            WHEN 'hour' THEN CAST(date_trunc('hour', started_at AT TIME ZONE 'UTC') AS VARCHAR)
            WHEN 'day' THEN CAST(date_trunc('day', started_at AT TIME ZONE 'UTC') AS VARCHAR)
        END AS name,
        CASE $group_by WHEN 'function' THEN region WHEN 'version' THEN executed_version END AS part,
        CASE WHEN $group_by = 'function' THEN account_id END AS account_id,
        cold_start,
        CAST(floor(200 * log10(greatest(total_ms, 0.001))) AS INTEGER) AS bucket,
        -- Tens: 4 nobody waited, 3 a failure, 2 above four times the threshold, 1 up to there, 0 up to the threshold.
        -- Ones: 2 a clock is negative, 1 all are known, 0 not all. As a key this is cheaper than a condition on each
        -- figure.
        CASE
            WHEN outcome = 'accepted' OR invocation_type = 'Event' THEN 40
            WHEN outcome <> 'ok' THEN 30
            WHEN total_ms > 4 * $apdex_ms THEN 20
            WHEN total_ms > $apdex_ms THEN 10
            ELSE 0
        END + CASE WHEN overhead_ms < 0 OR proxy_ms < 0 THEN 2 WHEN overhead_ms >= 0 THEN 1 ELSE 0 END AS state,
        count(*) AS calls,
        sum(total_ms) AS waited_ms,
        sum(proxy_ms) AS proxy_ms,
        sum(overhead_ms) AS platform_ms,
        sum(coalesce(init_ms, 0) + coalesce(restore_ms, 0)) AS init_ms,
        sum(duration_ms) AS handler_ms
    FROM calls
    WHERE target = 'lambda'
        AND started_at >= $started_after
        AND started_at < $started_before
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND total_ms < 1e308
        AND proxy_ms IS NOT NULL
        AND outcome <> 'dry_run'
    GROUP BY 1, 2, 3, 4, 5, 6
),
cells AS (
    SELECT
        coalesce(name, '') AS name,
        coalesce(part, '') AS part,
        coalesce(account_id, '') AS account_id,
        cold_start,
        bucket,
        state,
        calls,
        waited_ms,
        proxy_ms,
        platform_ms,
        init_ms,
        handler_ms
    FROM counted
    WHERE state < 40
),
group_totals AS (
    SELECT
        name,
        part,
        account_id,
        row_number() OVER (
            ORDER BY
                CASE WHEN $group_by IN ('hour', 'day') THEN name END DESC,
                sum(waited_ms) DESC,
                name,
                part,
                account_id
        ) AS place,
        count(*) OVER () AS group_count
    FROM cells
    GROUP BY name, part, account_id
),
shown AS (
    SELECT * FROM group_totals WHERE place <= $top
),
placed AS (
    SELECT shown.place, cells.*
    FROM cells
    INNER JOIN shown
        ON cells.name = shown.name
        AND cells.part = shown.part
        AND cells.account_id = shown.account_id
    UNION ALL
    SELECT 0 AS place, cells.* FROM cells
),
buckets AS (
    SELECT place, 'any' AS temperature, bucket, CAST(sum(calls) AS BIGINT) AS calls
    FROM placed
    GROUP BY place, bucket
    UNION ALL
    SELECT place, CASE WHEN cold_start THEN 'cold' ELSE 'warm' END AS temperature, bucket, CAST(sum(calls) AS BIGINT)
    FROM placed
    WHERE cold_start IS NOT NULL
    GROUP BY place, cold_start, bucket
),
ranges AS (
    SELECT
        *,
        sum(calls) OVER (PARTITION BY place, temperature ORDER BY bucket ROWS UNBOUNDED PRECEDING) - calls AS before,
        sum(calls) OVER (PARTITION BY place, temperature) AS all_calls
    FROM buckets
),
asked AS (
    SELECT 1 AS number, 'any' AS temperature, CAST($p1 AS DOUBLE) AS share
    UNION ALL SELECT 2, 'any', CAST($p2 AS DOUBLE)
    UNION ALL SELECT 3, 'any', CAST($p3 AS DOUBLE)
    UNION ALL SELECT 4, 'any', CAST($p4 AS DOUBLE)
    UNION ALL SELECT 5, 'any', CAST($p5 AS DOUBLE)
    UNION ALL SELECT 6, 'any', CAST($p6 AS DOUBLE)
    UNION ALL SELECT 7, 'any', CAST($p7 AS DOUBLE)
    UNION ALL SELECT 8, 'any', CAST($p8 AS DOUBLE)
    -- Whatever was asked for, the slowest hundredth is looked at.
    UNION ALL SELECT 99, 'any', CAST(0.99 AS DOUBLE)
    UNION ALL SELECT 50, 'cold', CAST(0.5 AS DOUBLE)
    UNION ALL SELECT 95, 'cold', CAST(0.95 AS DOUBLE)
    UNION ALL SELECT 50, 'warm', CAST(0.5 AS DOUBLE)
    UNION ALL SELECT 95, 'warm', CAST(0.95 AS DOUBLE)
),
ranks AS (
    SELECT
        sizes.place,
        sizes.temperature,
        asked.number,
        (sizes.all_calls - 1) * asked.share AS point,
        CAST(floor((sizes.all_calls - 1) * asked.share) AS BIGINT) AS low_rank,
        CAST(ceil((sizes.all_calls - 1) * asked.share) AS BIGINT) AS high_rank
    FROM (SELECT DISTINCT place, temperature, all_calls FROM ranges) AS sizes
    INNER JOIN asked ON asked.temperature = sizes.temperature
    WHERE asked.share IS NOT NULL
),
looked_for AS (
    SELECT place, temperature, low_rank AS rank_from_zero FROM ranks
    UNION
    SELECT place, temperature, high_rank FROM ranks
),
targets AS (
    SELECT DISTINCT ranges.place, ranges.temperature, ranges.bucket, ranges.before
    FROM ranges
    INNER JOIN looked_for ON looked_for.place = ranges.place AND looked_for.temperature = ranges.temperature
    WHERE looked_for.rank_from_zero >= ranges.before AND looked_for.rank_from_zero < ranges.before + ranges.calls
),
needed AS (
    SELECT DISTINCT cells.name, cells.part, cells.account_id, cells.bucket, group_totals.place
    FROM cells
    INNER JOIN group_totals
        ON cells.name = group_totals.name
        AND cells.part = group_totals.part
        AND cells.account_id = group_totals.account_id
    INNER JOIN targets ON targets.bucket = cells.bucket
    WHERE targets.place IN (0, group_totals.place)
),
near AS (
    SELECT
        coalesce(CASE $group_by
            WHEN 'function' THEN function_name
            WHEN 'tool' THEN tool_name
            WHEN 'client' THEN client_name
            WHEN 'session' THEN session_id
            WHEN 'principal' THEN principal
            WHEN 'version' THEN function_name
            WHEN 'outcome' THEN outcome
            WHEN 'region' THEN region
            WHEN 'hour' THEN CAST(date_trunc('hour', started_at AT TIME ZONE 'UTC') AS VARCHAR)
            WHEN 'day' THEN CAST(date_trunc('day', started_at AT TIME ZONE 'UTC') AS VARCHAR)
        END, '') AS name,
        coalesce(CASE $group_by WHEN 'function' THEN region WHEN 'version' THEN executed_version END, '') AS part,
        coalesce(CASE WHEN $group_by = 'function' THEN account_id END, '') AS account_id,
        wanted.bucket,
        calls.cold_start,
        calls.total_ms
    FROM calls
    -- First by the number alone, which most calls do not pass: comparing names is what takes time.
    INNER JOIN (SELECT DISTINCT bucket FROM needed) AS wanted
        ON wanted.bucket = CAST(floor(200 * log10(greatest(total_ms, 0.001))) AS INTEGER)
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
),
near_groups AS (
    SELECT needed.place, near.bucket, near.cold_start, near.total_ms
    FROM near
    INNER JOIN needed
        ON needed.name = near.name
        AND needed.part = near.part
        AND needed.account_id = near.account_id
        AND needed.bucket = near.bucket
),
ordered AS (
    SELECT
        targets.place,
        targets.temperature,
        near_either.total_ms,
        targets.before - 1 + row_number() OVER (
            PARTITION BY targets.place, targets.temperature, targets.bucket ORDER BY near_either.total_ms
        ) AS rank_from_zero
    FROM (
        SELECT place, bucket, cold_start, total_ms FROM near_groups
        UNION ALL
        SELECT 0 AS place, bucket, cold_start, total_ms FROM near_groups
    ) AS near_either
    INNER JOIN targets ON targets.place = near_either.place AND targets.bucket = near_either.bucket
    WHERE targets.temperature = 'any'
        OR (targets.temperature = 'cold' AND near_either.cold_start)
        OR (targets.temperature = 'warm' AND NOT near_either.cold_start)
),
found AS (
    SELECT ordered.*
    FROM ordered
    INNER JOIN looked_for
        ON looked_for.place = ordered.place
        AND looked_for.temperature = ordered.temperature
        AND looked_for.rank_from_zero = ordered.rank_from_zero
)
SELECT
    'group' AS kind,
    placed.place,
    max(placed.name) AS name,
    max(placed.part) AS part,
    max(placed.account_id) AS account_id,
    (SELECT count(*) FROM group_totals) AS group_count,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(CASE WHEN cold_start THEN calls ELSE 0 END) AS BIGINT) AS cold_calls,
    CAST(sum(CASE WHEN NOT cold_start THEN calls ELSE 0 END) AS BIGINT) AS warm_calls,
    CAST(sum(CASE WHEN state >= 30 THEN calls ELSE 0 END) AS BIGINT) AS failures,
    CAST(sum(CASE WHEN state < 10 THEN calls ELSE 0 END) AS BIGINT) AS satisfied,
    CAST(sum(CASE WHEN state >= 10 AND state < 20 THEN calls ELSE 0 END) AS BIGINT) AS tolerating,
    CAST(sum(CASE WHEN state % 10 = 1 THEN calls ELSE 0 END) AS BIGINT) AS measured_calls,
    CAST(sum(CASE WHEN state % 10 = 2 THEN calls ELSE 0 END) AS BIGINT) AS contradictory_calls,
    sum(waited_ms) AS waited_ms,
    sum(CASE WHEN state % 10 = 1 THEN waited_ms END) AS measured_ms,
    sum(CASE WHEN state % 10 = 1 THEN proxy_ms END) AS proxy_ms,
    sum(CASE WHEN state % 10 = 1 THEN platform_ms END) AS platform_ms,
    sum(CASE WHEN state % 10 = 1 THEN init_ms END) AS init_ms,
    sum(CASE WHEN state % 10 = 1 THEN handler_ms END) AS handler_ms,
    NULL AS temperature,
    NULL AS number,
    NULL AS value_ms,
    NULL AS bucket
FROM placed
GROUP BY placed.place
UNION ALL
SELECT
    'percentile', ranks.place, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL,
    ranks.temperature,
    ranks.number,
    low.total_ms + (high.total_ms - low.total_ms) * (ranks.point - ranks.low_rank),
    NULL
FROM ranks
INNER JOIN found AS low
    ON low.place = ranks.place AND low.temperature = ranks.temperature AND low.rank_from_zero = ranks.low_rank
INNER JOIN found AS high
    ON high.place = ranks.place AND high.temperature = ranks.temperature AND high.rank_from_zero = ranks.high_rank
UNION ALL
SELECT
    'bin', 0, NULL, NULL, NULL, NULL, calls, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL,
    bucket
FROM buckets
WHERE place = 0 AND temperature = 'any'
UNION ALL
SELECT
    'asynchronous', 0, NULL, NULL, NULL, NULL, CAST(sum(calls) AS BIGINT), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL,
    NULL
FROM counted
WHERE state >= 40
HAVING count(*) > 0;
