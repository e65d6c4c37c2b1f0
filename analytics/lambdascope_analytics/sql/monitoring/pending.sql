-- Answers: the executions whose report never came to the proxy, so that only the logs can tell what they billed; a page
--          of them, latest first.
-- Parameters: $started_after (inclusive), $started_before, both timestamps with time zone; $before_id: of calls that
--             began at $started_before those with a smaller call id; $limit.
-- Columns: call_id, started_at, invoke_ms, function_name, region, account_id, architecture, request_id, outcome,
--          executed_version, request_bytes, trace_id, span_id (of the span of the Invoke), tool_name,
--          client_name.
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
    executed_version,
    request_bytes,
    trace_id,
    span_id,
    tool_name,
    client_name
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at <= $started_before
    AND (started_at < $started_before OR call_id < CAST($before_id AS UUID))
    AND request_id IS NOT NULL
    AND billed_ms IS NULL
    AND outcome IN ('ok', 'accepted', 'function_error', 'function_timeout', 'out_of_memory', 'tool_error')
ORDER BY started_at DESC, call_id DESC
LIMIT $limit;
