-- Answers: what calls that began in a period spent, beyond what one process counts itself.
-- Parameters: $started_after (inclusive), $started_before, both timestamps with time zone; $own_host, $own_pid and
--             $own_since: the process that counts, and since when it does.
-- Columns: principal, has_no_session (over HTTP without a session), cost_usd (NULL if no call has a price),
--          invoke_ms (time in calls), unpriced_calls (that ran or may have, at no known price, and attempts without an
--          answer at another server's tool; below zero where the process counted calls as such whose price became known).
-- Of the process's own calls only what it cannot know itself: what asynchronous calls cost, once the logs told, and
-- looks at CloudWatch in the background. What was taken in from the logs was never called here.
WITH calls_of_period AS (
    SELECT
        principal,
        transport,
        transport = 'http' AND session_id IS NULL AS has_no_session,
        cost_usd,
        invoke_ms,
        target,
        outcome,
        coalesce(error_type, '') AS error_type,
        invocation_type,
        coalesce(attempts, 0) AS attempts,
        cost_source = 'logs' AND invocation_type = 'Event' AS is_priced_later,
        coalesce(host = $own_host AND pid = $own_pid AND started_at >= $own_since, FALSE) AS is_own
    FROM calls
    WHERE started_at >= $started_after
        AND started_at < $started_before
        AND coalesce(transport, '') <> 'backfill'
)
SELECT
    principal,
    coalesce(has_no_session, FALSE) AS has_no_session,
    sum(cost_usd) AS cost_usd,
    sum(CASE WHEN is_own OR target = 'cloudwatch' THEN 0 ELSE invoke_ms END) AS invoke_ms,
    sum(
        CASE
            WHEN is_own AND is_priced_later THEN -1
            WHEN attempts = 0 OR invocation_type = 'DryRun' THEN 0
            WHEN target = 'lambda' OR target LIKE 'upstream:%' THEN CASE
                WHEN cost_usd IS NULL AND (
                    outcome IN (
                        'ok', 'accepted', 'tool_error', 'function_error', 'function_timeout', 'out_of_memory',
                        'transport_error', 'cancelled'
                    ) OR error_type = 'ResultTooLarge'
                ) AND error_type NOT IN (
                    'EndpointConnectionError', 'ConnectTimeoutError', 'ProxyConnectionError', 'SSLError',
                    'UpstreamNotStarted'
                ) THEN 1
                ELSE 0
            END + CASE WHEN target = 'lambda' THEN 0 ELSE attempts - 1 END
            ELSE 0
        END
    ) AS unpriced_calls
FROM calls_of_period
WHERE NOT is_own OR is_priced_later OR transport IS NULL
GROUP BY principal, coalesce(has_no_session, FALSE)
ORDER BY principal, has_no_session;
