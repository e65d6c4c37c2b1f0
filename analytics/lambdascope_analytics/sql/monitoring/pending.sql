-- Answers: the executions whose report never came to the proxy, so that only the logs can tell what they billed.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $limit.
-- Columns: call_id, started_at, invoke_ms, function_name, region, account_id, request_id, outcome, invocation_type,
--          executed_version, request_bytes, xray_trace_id, error_message. Oldest first.
SELECT
    call_id,
    started_at,
    invoke_ms,
    function_name,
    region,
    account_id,
    request_id,
    outcome,
    invocation_type,
    executed_version,
    request_bytes,
    xray_trace_id,
    error_message
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
    AND request_id IS NOT NULL
    AND billed_ms IS NULL
    AND outcome IN ('ok', 'accepted', 'function_error', 'function_timeout', 'out_of_memory', 'tool_error')
ORDER BY started_at, call_id
LIMIT $limit;
