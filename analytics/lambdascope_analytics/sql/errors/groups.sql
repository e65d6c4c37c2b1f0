-- Answers: how many calls failed in a period and in the one before it, in all and of each group.
-- Parameters: $group_by (what to group by, or NULL for one group of all), $function_name, $region and $account_id (each
--             NULL: every one), $before_after (the start of the period before), $started_after (inclusive), $started_before (exclusive),
--             $asked_at (the present), all timestamps with time zone; $top, how many groups.
-- Columns: group_value (by function, of another server its target: upstream:<name>), region, account_id (the
--          last two only of functions and versions), same_name and same_place (how many groups have its value, and its value and region), then counts of the group: calls, failures,
--          caller_faults (refused, or with arguments that do not fit; no part of failures), previous_calls,
--          previous_failures, previous_caller_faults. Then of all groups, the same on each row: the same counts with
--          all_ in front, all_groups, lambda_calls, own_calls (our own tools), backfilled_calls, cost_usd (of failures;
--          NULL if none has one), unpriced_failures, billed_failures (unpriced, but with memory and billed time),
--          skewed_calls (their clocks contradict each other) and future_calls (they claim to start after the present).
--          time_of_calls (of an hour or a day with calls in the period). Most failures first; of hours and days the
--          latest, then those of the period before alone.
-- What looking at CloudWatch was charged for is no call anybody asked for.
WITH seen AS (
    SELECT
        CASE $group_by
            WHEN 'function' THEN CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END
            WHEN 'tool' THEN tool_name
            WHEN 'client' THEN client_name
            WHEN 'session' THEN session_id
            WHEN 'principal' THEN principal
            WHEN 'version' THEN function_name || ':' || executed_version
            WHEN 'outcome' THEN outcome
            WHEN 'region' THEN region
        END AS group_value,
        CASE $group_by
            WHEN 'hour' THEN date_trunc('hour', started_at AT TIME ZONE 'UTC')
            WHEN 'day' THEN date_trunc('day', started_at AT TIME ZONE 'UTC')
        END AS group_time,
        CASE WHEN $group_by IN ('function', 'version') THEN region END AS group_region,
        CASE WHEN $group_by IN ('function', 'version') THEN account_id END AS group_account,
        started_at > $asked_at AS is_future,
        started_at >= $started_after AND started_at < $started_before AS is_now,
        started_at < $started_after AS is_before,
        outcome IN ('refused', 'invalid_arguments') AS is_callers,
        outcome NOT IN ('ok', 'accepted', 'dry_run', 'refused', 'invalid_arguments') AS is_failure,
        target,
        transport,
        cost_usd,
        cost_usd IS NULL AND memory_mb IS NOT NULL AND billed_ms IS NOT NULL AS is_only_billed,
        overhead_ms < 0 OR proxy_ms < 0 AS is_skewed
    FROM calls
    WHERE target <> 'cloudwatch'
        -- To be asked for an approval is no fault: the call that follows on it says how it went.
        AND NOT coalesce(outcome = 'refused' AND error_type = 'ApprovalAsked', FALSE)
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $before_after
        AND (started_at < $started_before OR started_at > $asked_at)
),
counted AS (
    SELECT
        group_value,
        group_time,
        group_region,
        group_account,
        count(*) FILTER (WHERE is_now) AS calls,
        count(*) FILTER (WHERE is_now AND is_failure) AS failures,
        count(*) FILTER (WHERE is_now AND is_callers) AS caller_faults,
        count(*) FILTER (WHERE is_before) AS previous_calls,
        count(*) FILTER (WHERE is_before AND is_failure) AS previous_failures,
        count(*) FILTER (WHERE is_before AND is_callers) AS previous_caller_faults,
        count(*) FILTER (WHERE is_now AND target = 'lambda') AS lambda_calls,
        count(*) FILTER (WHERE is_now AND target = 'self') AS own_calls,
        count(*) FILTER (WHERE is_now AND transport = 'backfill') AS backfilled_calls,
        sum(cost_usd) FILTER (WHERE is_now AND is_failure) AS cost_usd,
        count(*) FILTER (WHERE is_now AND is_failure AND cost_usd IS NULL) AS unpriced_failures,
        count(*) FILTER (WHERE is_now AND is_failure AND is_only_billed) AS billed_failures,
        count(*) FILTER (WHERE is_now AND is_skewed) AS skewed_calls,
        count(*) FILTER (WHERE is_future) AS future_calls
    FROM seen
    GROUP BY group_value, group_time, group_region, group_account
),
summed AS (
    SELECT
        CASE WHEN calls > 0 THEN group_time END AS time_of_calls,
        CASE $group_by
            WHEN 'hour' THEN replace(left(CAST(group_time AS VARCHAR), 13), ' ', 'T') || ':00Z'
            WHEN 'day' THEN left(CAST(group_time AS VARCHAR), 10)
            ELSE group_value
        END AS group_value,
        group_region AS region,
        group_account AS account_id,
        count(*) OVER (PARTITION BY group_value, group_time) AS same_name,
        count(*) OVER (PARTITION BY group_value, group_time, group_region) AS same_place,
        calls,
        failures,
        caller_faults,
        previous_calls,
        previous_failures,
        previous_caller_faults,
        sum(calls) OVER () AS all_calls,
        sum(failures) OVER () AS all_failures,
        sum(caller_faults) OVER () AS all_caller_faults,
        sum(previous_calls) OVER () AS all_previous_calls,
        sum(previous_failures) OVER () AS all_previous_failures,
        sum(previous_caller_faults) OVER () AS all_previous_caller_faults,
        -- An hour or a day that only the period before has is no group of this one.
        count(CASE WHEN group_time IS NULL OR calls > 0 THEN 1 END) OVER () AS all_groups,
        sum(lambda_calls) OVER () AS lambda_calls,
        sum(own_calls) OVER () AS own_calls,
        sum(backfilled_calls) OVER () AS backfilled_calls,
        sum(cost_usd) OVER () AS cost_usd,
        sum(unpriced_failures) OVER () AS unpriced_failures,
        sum(billed_failures) OVER () AS billed_failures,
        sum(skewed_calls) OVER () AS skewed_calls,
        sum(future_calls) OVER () AS future_calls
    FROM counted
)
SELECT *
FROM summed
ORDER BY
    time_of_calls DESC NULLS LAST,
    failures DESC,
    caller_faults DESC,
    calls DESC,
    previous_failures DESC,
    group_value,
    region,
    account_id
LIMIT $top;
