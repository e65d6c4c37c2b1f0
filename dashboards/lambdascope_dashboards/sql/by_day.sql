-- Answers: what each day (UTC) cost, by function.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: time, metric (the function), cost.
SELECT
    date_trunc('day', started_at AT TIME ZONE 'UTC') AS time,
    coalesce(function_name, 'unknown') AS metric,
    CAST(sum(cost_usd) AS DOUBLE) AS cost
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
    AND cost_usd IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
