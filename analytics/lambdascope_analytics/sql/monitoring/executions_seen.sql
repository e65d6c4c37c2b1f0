-- Answers: how many executions of one Lambda function came through the proxy in a time window.
-- Parameters: $function_name, $region, $account_id, $started_after (inclusive), $started_before (exclusive), both
--             timestamps with time zone; $qualifier, the alias or version asked for, or NULL for all.
-- Columns: invocations (Lambda really ran, or will), asynchronous (of those: each counts once, however often Lambda
--          tries). One row.
-- Left out: calls that reached no function or were throttled, calls whose answer never came (cancelled,
-- transport_error: nobody knows whether they ran), and executions that were imported from the logs.
SELECT
    count(*) AS invocations,
    count(*) FILTER (WHERE invocation_type = 'Event') AS asynchronous
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
        outcome IN ('ok', 'accepted', 'function_error', 'function_timeout', 'out_of_memory')
        OR (outcome = 'tool_error' AND request_id IS NOT NULL)
    )
    -- As CloudWatch counts: what came by an alias is no execution of its version's metric.
    AND (CAST($qualifier AS VARCHAR) IS NULL OR qualifier = $qualifier);
