-- Answers: the executions whose report never came to the proxy, so that only the logs can tell what they billed.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $limit.
-- Columns: call_id, started_at, invoke_ms, function_name, region, account_id, architecture, request_id, outcome,
--          executed_version. Of the latest $limit, oldest first.
SELECT *
FROM (
    SELECT
        call_id,
        started_at,
        invoke_ms,
        function_name,
        region,
        account_id,
        architecture,
        request_id,
        outcome,
        executed_version
    FROM calls
    WHERE target = 'lambda'
        AND started_at >= $started_after
        AND started_at < $started_before
        AND request_id IS NOT NULL
        AND billed_ms IS NULL
        AND outcome IN ('ok', 'accepted', 'function_error', 'function_timeout', 'out_of_memory', 'tool_error')
    ORDER BY started_at DESC, call_id DESC
    LIMIT $limit
)
ORDER BY started_at, call_id;
