-- Answers: which calls have no price, so that their cost is in no figure.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: function, region, outcome, invocation, calls, last_call.
SELECT
    coalesce(function_name, 'unknown') AS function,
    coalesce(region, 'unknown') AS region,
    outcome,
    coalesce(invocation_type, 'unknown') AS invocation,
    count(*) AS calls,
    max(started_at) AS last_call
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
    AND cost_usd IS NULL
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC
LIMIT 100
