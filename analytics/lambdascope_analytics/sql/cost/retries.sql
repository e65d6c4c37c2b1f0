-- Answers: what was spent on making attempts again, by what a price depends on.
-- Parameters: $failed_after, $started_after (inclusive) and $started_before (exclusive), timestamps with time zone:
--             failures count from $failed_after on, so that the first calls of the period may repeat one;
--             $function_name, $region and $account_id (each NULL: every one).
-- Columns: kind (caller: the first call of the same function by the same caller that begins within a minute of the end
--          of one that ran and failed; platform: attempts of Lambda's own at an event before its last one, unless the
--          event is such a call itself, whose price holds all of its attempts; unknown: calls that ran and failed of
--          which no caller is known, so no call can be told to follow them), region, architecture, calls, priced_calls
--          and cost_usd (caller only), mb_ms (platform only: memory x the billed time of those attempts).
-- A caller is a session, or the process of a proxy on stdio, or else a principal with one client and payloads of one
-- size, since many may share a principal.
WITH made AS (
    SELECT
        call_id,
        CASE
            WHEN session_id IS NOT NULL THEN session_id
            WHEN transport = 'stdio' THEN host || ' ' || CAST(pid AS VARCHAR)
            ELSE principal || ' ' || coalesce(client_name, '') || ' ' || CAST(request_bytes AS VARCHAR)
        END AS caller,
        function_name,
        started_at,
        total_ms,
        region,
        account_id,
        architecture,
        coalesce(invocation_type, 'RequestResponse') AS invocation_type,
        outcome,
        cost_usd,
        memory_mb,
        CASE
            WHEN invocation_type = 'Event'
                AND billed_ms BETWEEN 0 AND 1000000000
                AND duration_ms + coalesce(init_ms, restore_ms, 0) BETWEEN 0 AND 1000000000
                -- The row holds the billed time of all attempts, and the measured time of the last one.
                THEN billed_ms - CAST(ceil(duration_ms + coalesce(init_ms, restore_ms, 0)) AS BIGINT)
        END AS earlier_ms
    FROM calls
    WHERE target = 'lambda'
        AND started_at >= $failed_after
        AND started_at < $started_before
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
),

failed AS (
    SELECT
        caller,
        function_name,
        region,
        account_id,
        architecture,
        started_at,
        1000 * coalesce(total_ms, 0) AS took_us
    FROM made
    -- What never ran was not paid, so that nothing is paid twice.
    WHERE outcome IN (
            'function_error', 'function_timeout', 'out_of_memory', 'tool_error', 'transport_error', 'cancelled'
        )
        -- Who sent an event was not told how it ended.
        AND invocation_type <> 'Event'
),

followed AS (
    SELECT
        made.call_id,
        made.started_at,
        made.region,
        made.architecture,
        made.cost_usd,
        row_number() OVER (
            PARTITION BY failed.caller, failed.function_name, failed.region, failed.account_id, failed.started_at
            ORDER BY made.started_at, made.call_id
        ) AS place
    FROM failed
    INNER JOIN made
        ON made.caller = failed.caller
        AND made.function_name = failed.function_name
        -- Few are left to look at here: as keys of the join these would take longer.
        AND (made.region = failed.region OR (made.region IS NULL AND failed.region IS NULL))
        AND (made.account_id = failed.account_id OR (made.account_id IS NULL AND failed.account_id IS NULL))
        AND made.started_at > failed.started_at
        AND date_diff('microsecond', failed.started_at AT TIME ZONE 'UTC', made.started_at AT TIME ZONE 'UTC')
            - failed.took_us BETWEEN 0 AND 60000000
),

repeated AS (
    SELECT DISTINCT call_id, region, architecture, cost_usd
    FROM followed
    WHERE place = 1
        AND started_at >= $started_after
)

SELECT
    'caller' AS kind,
    region,
    architecture,
    count(*) AS calls,
    count(cost_usd) AS priced_calls,
    sum(cost_usd) AS cost_usd,
    CAST(NULL AS DECIMAL(38, 0)) AS mb_ms
FROM repeated
GROUP BY region, architecture
UNION ALL
SELECT
    'platform' AS kind,
    made.region,
    made.architecture,
    count(*) AS calls,
    CAST(NULL AS BIGINT) AS priced_calls,
    CAST(NULL AS DECIMAL(38, 12)) AS cost_usd,
    CAST(sum(made.memory_mb * made.earlier_ms) AS DECIMAL(38, 0)) AS mb_ms
FROM made
LEFT JOIN repeated ON repeated.call_id = made.call_id
WHERE made.started_at >= $started_after
    -- A restore may be billed a millisecond longer than it was measured.
    AND made.earlier_ms > 1
    AND repeated.call_id IS NULL
GROUP BY made.region, made.architecture
UNION ALL
SELECT
    'unknown' AS kind,
    region,
    architecture,
    count(*) AS calls,
    CAST(NULL AS BIGINT) AS priced_calls,
    CAST(NULL AS DECIMAL(38, 12)) AS cost_usd,
    CAST(NULL AS DECIMAL(38, 0)) AS mb_ms
FROM failed
WHERE caller IS NULL
    AND started_at >= $started_after
GROUP BY region, architecture
ORDER BY kind, region NULLS LAST, architecture NULLS LAST;
