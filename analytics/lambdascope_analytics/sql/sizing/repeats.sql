-- Answers: what failed executions of one function took, what was repeated after them, and whether that helped.
-- Parameters: $function_name, $region, $account_id (NULL: any), $started_after (inclusive), $started_before (exclusive).
-- Columns, per architecture: architecture; executions; failed, failed_mb_ms (billed time x memory of calls that ran and
--   failed); repeats (calls by the same caller with a payload of the same size within 60 s after one failed),
--   repeats_ok, repeats_mb_ms; callerless (calls of which no caller is known, so no repeat shows);
--   event_calls, event_retried (asynchronous calls billed for more than their last attempt), event_retried_ok,
--   event_retried_mb_ms (what the attempts before the last were billed); throttled_attempts (further requests for the
--   same call: after throttles, which are not billed, or by the proxy's retries).
-- A caller is the one of cost/retries.sql: a session, or the process of a proxy on stdio, or else a principal with one
-- client and payloads of one size. The row of an asynchronous call, once completed from the logs, has the billed time
-- of all its attempts and the handler's time of the last.
WITH told AS (
    SELECT
        call_id, started_at, architecture, outcome, billed_ms, duration_ms, request_bytes, total_ms, attempts,
        coalesce(invocation_type, '') = 'Event' AS is_event,
        CAST(billed_ms AS BIGINT) * memory_mb AS mb_ms,
        CASE
            WHEN session_id IS NOT NULL THEN session_id
            WHEN transport = 'stdio' THEN host || ' ' || CAST(pid AS VARCHAR)
            ELSE principal || ' ' || coalesce(client_name, '') || ' ' || CAST(request_bytes AS VARCHAR)
        END AS caller,
        CASE
            WHEN invocation_type = 'Event' AND restore_ms IS NULL
            THEN billed_ms - CAST(ceil(duration_ms + coalesce(init_ms, 0)) AS BIGINT)
        END AS earlier_ms,
        memory_mb
    FROM calls
    WHERE target = 'lambda' AND function_name = $function_name
        AND ($region IS NULL OR region = $region) AND ($account_id IS NULL OR account_id = $account_id)
        AND started_at >= $started_after AND started_at < $started_before
), followed AS (
    SELECT
        *,
        outcome NOT IN ('ok', 'accepted', 'dry_run') AS is_failure,
        lag(outcome) OVER by_caller AS outcome_before,
        lag(request_bytes) OVER by_caller AS bytes_before,
        date_diff('microsecond', lag(started_at AT TIME ZONE 'UTC') OVER by_caller, started_at AT TIME ZONE 'UTC')
            - 1000 * lag(total_ms) OVER by_caller AS since_us
    FROM told
    -- Who sent an event was not told how it ended, so nothing repeats it.
    WINDOW by_caller AS (PARTITION BY caller, is_event ORDER BY started_at, call_id)
), judged AS (
    SELECT
        *,
        caller IS NOT NULL AND NOT is_event AND request_bytes = bytes_before AND since_us BETWEEN 0 AND 60000000
            AND outcome_before IN ('function_error', 'function_timeout', 'out_of_memory', 'throttled', 'aws_error',
                'transport_error') AS is_repeat,
        earlier_ms > 1 AS is_retried
    FROM followed
)
SELECT
    architecture,
    count(duration_ms) AS executions,
    count(*) FILTER (WHERE is_failure AND billed_ms IS NOT NULL) AS failed,
    CAST(coalesce(sum(mb_ms) FILTER (WHERE is_failure), 0) AS BIGINT) AS failed_mb_ms,
    count(*) FILTER (WHERE is_repeat) AS repeats,
    count(*) FILTER (WHERE is_repeat AND outcome = 'ok') AS repeats_ok,
    CAST(coalesce(sum(mb_ms) FILTER (WHERE is_repeat), 0) AS BIGINT) AS repeats_mb_ms,
    count(*) FILTER (WHERE caller IS NULL AND NOT is_event) AS callerless,
    count(*) FILTER (WHERE is_event) AS event_calls,
    count(*) FILTER (WHERE is_retried) AS event_retried,
    count(*) FILTER (WHERE is_retried AND NOT is_failure) AS event_retried_ok,
    CAST(coalesce(sum(earlier_ms * memory_mb) FILTER (WHERE is_retried), 0) AS BIGINT) AS event_retried_mb_ms,
    CAST(coalesce(sum(attempts - 1) FILTER (WHERE attempts > 1), 0) AS BIGINT) AS throttled_attempts
FROM judged
GROUP BY architecture
ORDER BY architecture
