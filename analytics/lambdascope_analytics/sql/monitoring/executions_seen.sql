-- Answers: which executions of one Lambda function came through the proxy in a time window, and how they ended.
-- Parameters: $function_name, $region, $account_id, $started_after (inclusive), $started_before (exclusive), both
--             timestamps with time zone; $qualifier, an alias or version, or NULL for all.
-- Columns: invocations (Lambda really ran, or will: an asynchronous call counts once), errors (of those), throttled
--          (never ran), by_outcome (a map of outcomes to calls, throttled ones too; NULL if there is no call). One row.
-- Left out: calls that reached no function, calls whose answer never came (cancelled, transport_error: nobody knows
-- whether they ran), and executions that were imported from the logs.
SELECT
    count(*) FILTER (WHERE outcome <> 'throttled') AS invocations,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'accepted', 'tool_error', 'throttled')) AS errors,
    count(*) FILTER (WHERE outcome = 'throttled') AS throttled,
    histogram(outcome) AS by_outcome
FROM calls
WHERE target = 'lambda'
    AND function_name = $function_name
    AND region = $region
    -- A row that does not know its account may be of this one.
    AND (account_id = $account_id OR account_id IS NULL)
    AND started_at >= $started_after
    AND started_at < $started_before
    AND coalesce(transport, '') <> 'backfill'
    -- A tool_error with a request id ran, but what it returned is no JSON.
    AND (
        outcome IN ('ok', 'accepted', 'function_error', 'function_timeout', 'out_of_memory', 'throttled')
        OR (outcome = 'tool_error' AND request_id IS NOT NULL)
    )
    AND (
        CAST($qualifier AS VARCHAR) IS NULL
        OR qualifier = $qualifier
        OR executed_version = $qualifier
    );
