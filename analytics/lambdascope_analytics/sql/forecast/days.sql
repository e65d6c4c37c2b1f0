-- Answers: what calls of Lambda functions and other MCP servers cost on each day (UTC) that anything was recorded on.
-- Parameters: $started_after (inclusive) and $started_before (exclusive), timestamps with time zone; $function_name
--             (or the target of another server, such as upstream:files), $region and $account_id (each NULL: every one);
--             $billed_otherwise (regions that AWS does not bill in dollars, with a line break before and after each).
-- Columns: day, calls, unpriced_calls, of these those that ran or may have run (the others cost nothing): foreign_calls
--          in such regions and unknown_calls in others; cost_usd (of the calls with a price; NULL if there is none).
--          Earliest first. A day on which only others were called or only our own tools has no calls; a day without any
--          record is not there.
WITH made AS (
    SELECT
        CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
        (target = 'lambda' OR target LIKE 'upstream:%')
        AND (
            CAST($function_name AS VARCHAR) IS NULL
            OR coalesce(CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END = $function_name, FALSE)
        )
        AND (CAST($region AS VARCHAR) IS NULL OR coalesce(region = $region, FALSE))
        AND (CAST($account_id AS VARCHAR) IS NULL OR coalesce(account_id = $account_id, FALSE)) AS is_ours,
        billed_ms IS NOT NULL
        OR outcome IS NULL
        OR outcome IN (
            'accepted', 'function_error', 'function_timeout', 'out_of_memory', 'transport_error', 'cancelled'
        )
        -- What another server answered and has no price costs nothing that anybody told of.
        OR (outcome IN ('ok', 'tool_error') AND target = 'lambda') AS may_have_run,
        -- Of the few rows without a price only: a search in each would take as long as all the rest.
        CASE
            WHEN cost_usd IS NULL THEN strpos($billed_otherwise, chr(10) || coalesce(region, '-') || chr(10)) > 0
        END AS is_foreign,
        cost_usd
    FROM calls
    WHERE started_at >= $started_after
        AND started_at < $started_before
)

SELECT
    day,
    count(*) FILTER (WHERE is_ours) AS calls,
    count(*) FILTER (WHERE is_ours AND cost_usd IS NULL) AS unpriced_calls,
    count(*) FILTER (WHERE is_ours AND cost_usd IS NULL AND may_have_run AND NOT is_foreign) AS unknown_calls,
    count(*) FILTER (WHERE is_ours AND cost_usd IS NULL AND may_have_run AND is_foreign) AS foreign_calls,
    sum(cost_usd) FILTER (WHERE is_ours) AS cost_usd
FROM made
GROUP BY day
ORDER BY day;
