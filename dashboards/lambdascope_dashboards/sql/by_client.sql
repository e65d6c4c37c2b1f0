-- Answers: what each client and its versions cost.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: client, version, sessions, calls, failed_calls, cost.
SELECT
    coalesce(client_name, 'unknown') AS client,
    coalesce(client_version, 'unknown') AS version,
    count(DISTINCT session_id) AS sessions,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'accepted', 'dry_run')) AS failed_calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1, 2
ORDER BY cost DESC NULLS LAST
LIMIT 200
