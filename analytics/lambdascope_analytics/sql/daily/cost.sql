-- Answers: what the calls of each Lambda function cost on each day (UTC).
-- Parameters: $first_day, $day_after (exclusive), $function_name (NULL: all), $most (rows).
-- Columns: day, function_name, region, account_id, calls, rolled_calls (told by rollups), failures, cold_starts,
--          from_logs, priced_calls, cost_usd (NULL if none is priced), billed_ms.
SELECT
    day,
    function_name,
    region,
    account_id,
    sum(calls) AS calls,
    sum(CASE WHEN source = 'rollup' THEN calls ELSE 0 END) AS rolled_calls,
    sum(CASE WHEN outcome NOT IN ('ok', 'accepted', 'dry_run') THEN calls ELSE 0 END) AS failures,
    sum(CASE WHEN cold_start THEN calls ELSE 0 END) AS cold_starts,
    sum(from_logs) AS from_logs,
    sum(priced_calls) AS priced_calls,
    sum(cost_usd) AS cost_usd,
    sum(billed_ms) AS billed_ms
FROM daily
WHERE day >= $first_day AND day < $day_after AND ($function_name IS NULL OR function_name = $function_name)
GROUP BY day, function_name, region, account_id
ORDER BY day, cost_usd DESC NULLS LAST, function_name, region, account_id
LIMIT $most
