-- Answers: what share of the calls has a price.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: priced.
SELECT count(cost_usd) / nullif(count(*), 0) AS priced
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
