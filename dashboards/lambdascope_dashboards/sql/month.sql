-- Answers: what this month has cost so far, and will have cost if it goes on at this pace. Not of the time range.
-- Parameters: those of the dashboard but the time range: $region, $function, $client.
-- Columns: so_far, at_this_pace.
WITH today AS (SELECT now() AT TIME ZONE 'UTC' AS now_utc),
month AS (
    SELECT now_utc, date_trunc('month', now_utc) AS begins, date_trunc('month', now_utc) + INTERVAL 1 MONTH AS ends
    FROM today
)
SELECT
    CAST(sum(cost_usd) AS DOUBLE) AS so_far,
    CAST(sum(cost_usd) AS DOUBLE) * (epoch(any_value(ends)) - epoch(any_value(begins)))
    / nullif(epoch(any_value(now_utc)) - epoch(any_value(begins)), 0) AS at_this_pace
FROM calls, month
WHERE target = 'lambda'
    AND started_at >= begins AT TIME ZONE 'UTC'
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
