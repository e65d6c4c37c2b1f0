-- Answers: what the dearest sessions cost: one conversation of an agent each.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: session, client, calls, failed_calls, cost, first_call, last_call.
SELECT
    coalesce(session_id, 'none') AS session,
    coalesce(min(client_name), 'unknown') AS client,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'accepted', 'dry_run')) AS failed_calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost,
    min(started_at) AS first_call,
    max(started_at) AS last_call
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1
ORDER BY cost DESC NULLS LAST
LIMIT 100
