-- Answers: what each authenticated caller cost.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: principal, calls, cost.
SELECT
    coalesce(principal, 'none') AS principal,
    count(*) AS calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1
ORDER BY cost DESC NULLS LAST
LIMIT 100
