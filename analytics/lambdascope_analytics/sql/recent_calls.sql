-- Answers: the latest calls of any kind.
-- Parameters: $limit, how many.
-- Columns: call_id, started_at, tool_name, function_name, outcome, error_type, total_ms, duration_ms, billed_ms,
--          cold_start, cost_usd, cost_source, trace_id. Newest first.
SELECT
    call_id,
    started_at,
    tool_name,
    function_name,
    outcome,
    error_type,
    total_ms,
    duration_ms,
    billed_ms,
    cold_start,
    cost_usd,
    cost_source,
    trace_id
FROM calls
ORDER BY started_at DESC, call_id DESC
LIMIT $limit;
