-- Answers: what the calls cost together.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: cost.
SELECT CAST(sum(cost_usd) AS DOUBLE) AS cost
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
