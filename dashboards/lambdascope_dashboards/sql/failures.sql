-- Answers: what failed calls cost, by outcome and kind of error.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: outcome, error, function, calls, cost, last_call.
SELECT
    outcome,
    coalesce(error_type, 'unknown') AS error,
    coalesce(function_name, 'unknown') AS function,
    count(*) AS calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost,
    max(started_at) AS last_call
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
    AND outcome NOT IN ('ok', 'accepted', 'dry_run')
GROUP BY 1, 2, 3
ORDER BY cost DESC NULLS LAST
LIMIT 100
