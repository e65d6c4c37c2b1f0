-- Answers: which single calls were the dearest, with their traces.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: time, function, outcome, billed_ms, memory_mb, used_mb, cold_start, cost, trace.
SELECT
    started_at AS time,
    coalesce(function_name, 'unknown') AS function,
    outcome,
    billed_ms,
    memory_mb,
    max_memory_mb AS used_mb,
    cold_start,
    CAST(cost_usd AS DOUBLE) AS cost,
    trace_id AS trace
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
    AND cost_usd IS NOT NULL
ORDER BY cost_usd DESC
LIMIT 50
