-- Answers: at which hours of the day (UTC) the cost arises.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: hour, calls, cost.
SELECT
    CAST(extract('hour' FROM started_at AT TIME ZONE 'UTC') AS BIGINT) AS hour,
    count(*) AS calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1
ORDER BY 1
