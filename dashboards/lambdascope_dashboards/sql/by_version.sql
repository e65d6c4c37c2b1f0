-- Answers: what the versions of each function cost: whether a deployment made it dearer.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: function, version, calls, cost, a_call, billed_ms (mean), first_call.
SELECT
    coalesce(function_name, 'unknown') AS function,
    coalesce(executed_version, 'unknown') AS version,
    count(*) AS calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost,
    CAST(avg(cost_usd) AS DOUBLE) AS a_call,
    avg(billed_ms) AS billed_ms,
    min(started_at) AS first_call
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1, 2
ORDER BY cost DESC NULLS LAST
LIMIT 200
